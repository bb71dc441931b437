"""What the registers hold. All of it is immutable and ordered, so that a merge does not depend on who came first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Verb = Literal["same", "different"]


class Place(NamedTuple):
    """Where a character is registered: a city and a code point of its private-use area."""

    city: str
    code: int

    def __str__(self) -> str:
        return f"{self.city}/{self.code:04X}"


@dataclass(frozen=True, order=True)
class Entry:
    """A line of a city's register.

    ``character`` is an MJ figure's name, else a Unicode character outside MJ (``U+2B8C6``), else None: the city
    found it in neither. Strokes and readings are evidence of what the city means by it.
    """

    place: Place
    character: str | None
    strokes: int
    readings: frozenset[str]
    file: str
    line: int

    @property
    def identity(self) -> str:
        """What it is called before anybody has said that it is the same as another."""
        return self.character or str(self.place)


@dataclass(frozen=True)
class Register:
    """A city's register, in order of code points; each is there once."""

    city: str
    entries: tuple[Entry, ...]
    made_up: bool = False
    """Whether it says of itself that no city has it."""


@dataclass(frozen=True)
class Decision:
    """A person's answer: two registered characters are, or are not, the same. Operands are places or figures."""

    verb: Verb
    one: str
    other: str
    file: str
    line: int


@dataclass(frozen=True)
class Given:
    """A line of the ledger: how unified text spells a place's character. Lines are never taken back."""

    place: Place
    text: str
    identity: str
    """What the place's register said when it was given."""
