"""What the lab says when it cannot go on."""

from __future__ import annotations


class LabError(Exception):
    """The machine is not as the lab needs it. `message` says what is wrong, `what_to_do` what would help."""

    exit_code = 3

    def __init__(self, message: str, what_to_do: str) -> None:
        super().__init__(message)
        self.message = message
        self.what_to_do = what_to_do

    def __str__(self) -> str:
        return f"{self.message}; {self.what_to_do}"
