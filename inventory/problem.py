"""What is wrong with a declaration, said so that a person can mend it."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """One mistake: where it is, what it is, and what would be right. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    wrong: str
    right: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.wrong}; {self.right}"


class InvalidDeclarationError(Exception):
    """Raised by the loader with every problem it found, in reading order; nothing was changed."""

    exit_code = 2
    """Of a program that ends because of it: the input is wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))
