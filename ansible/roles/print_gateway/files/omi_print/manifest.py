"""What a sender says of a batch beforehand. Pure: every mistake at once."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

MOST_BYTES = 8 * 1024**3
SHA256 = re.compile("[0-9a-f]{64}")


class Manifest(NamedTuple):
    """A batch: text, UTF-8, one notice a line, each line ended."""

    city: str
    sha256: str
    """Of the text."""
    bytes: int
    notices: int

    @property
    def batch(self) -> str:
        """The batch's name: one city's batch of one content is one batch, however often it is sent."""
        return f"{self.city}-{self.sha256}"


class Content(NamedTuple):
    """A file as it is carried: its SHA-256 and its length in bytes."""

    sha256: str
    bytes: int


def read(city: str, body: dict[str, Any], wrong: list[str]) -> Manifest:
    """The manifest in a request; what is wrong goes to ``wrong``."""
    return Manifest(
        city, digest(body, "sha256", wrong), number(body, "bytes", wrong), number(body, "notices", wrong)
    )


def digest(body: dict[str, Any], key: str, wrong: list[str]) -> str:
    """A SHA-256 in lower-case hexadecimal."""
    value = body.get(key)
    if isinstance(value, str) and SHA256.fullmatch(value):
        return value
    wrong.append(f"{key}: write 64 hexadecimal digits")
    return ""


def number(body: dict[str, Any], key: str, wrong: list[str]) -> int:
    """A whole number from 1."""
    value = body.get(key)
    if type(value) is int and 1 <= value <= MOST_BYTES:
        return value
    wrong.append(f"{key}: write a whole number from 1 to {MOST_BYTES}")
    return 0
