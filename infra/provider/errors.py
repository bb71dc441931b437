"""What can go wrong, in words for the person who runs Pulumi."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One thing wrong with the inputs of a resource: where (a property path) and what would be right."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


class ProviderError(Exception):
    """A failure whose text is meant to be read by the user as it is."""


class IncusError(ProviderError):
    """Incus refused a request or an operation failed. `status` is the HTTP status (or the operation's)."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NotFoundError(IncusError):
    """What was asked for is not there."""


class OperationTimeoutError(IncusError):
    """An operation took longer than it may; it was asked to stop, but may have done part of its work."""


class InitFailedError(ProviderError):
    """A resource was created but does not work, and could not be taken away again.

    Pulumi keeps it in its state under `identity`, so that the next update repairs or deletes it.
    """

    def __init__(self, message: str, identity: str, state: dict[str, Any]) -> None:
        super().__init__(message)
        self.identity = identity
        self.state = state
