"""A city's text to unified text, and back: what was converted there and back is what it was, character for character.

A city's text holds ordinary characters and the codes of its register, nothing else. Unified text is Unicode: it can
be shown, searched and sent; what Unicode lacks is in planes 15 and 16.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from inventory.gaiji.notation import is_ordinary, written


class Unknown(NamedTuple):
    """A character that has no counterpart, and how many characters stand before it."""

    position: int
    text: str

    def __str__(self) -> str:
        return f"{written(self.text)} at {self.position}"


class UnknownCharactersError(Exception):
    """Raised with everything in a text that cannot be converted; nothing was converted."""

    def __init__(self, unknown: list[Unknown]) -> None:
        self.unknown = unknown
        super().__init__("no counterpart: " + ", ".join(map(str, unknown)))


class Converter:
    """Converts the text of one city.

    ``spellings`` says how unified text spells each of its codes; ``earlier`` which code is meant by a spelling
    that was given once and is not given any more.
    """

    def __init__(self, spellings: Mapping[str, str], earlier: Mapping[str, str] | None = None) -> None:
        self._unified = dict(spellings)
        self._city = {**(earlier or {}), **{text: code for code, text in spellings.items()}}
        longest_first = sorted(self._city, key=lambda text: (-len(text), text))
        self._pieces = re.compile("|".join([*map(re.escape, longest_first), "."]), re.DOTALL)

    def to_unified(self, text: str) -> str:
        """The city's ``text`` as unified text. Raises UnknownCharactersError."""
        return converted([(position, piece) for position, piece in enumerate(text)], self._unified)

    def to_city(self, text: str) -> str:
        """Unified ``text`` as the city's. Raises UnknownCharactersError: it may be from another city."""
        return converted([(match.start(), match[0]) for match in self._pieces.finditer(text)], self._city)


def converted(pieces: list[tuple[int, str]], table: Mapping[str, str]) -> str:
    """The pieces by the table; what is ordinary stays as it is. Raises UnknownCharactersError."""
    unknown = [
        Unknown(position, piece)
        for position, piece in pieces
        if piece not in table and not is_ordinary(piece)
    ]
    if unknown:
        raise UnknownCharactersError(unknown)
    return "".join(table.get(piece, piece) for _, piece in pieces)


def plain(text: str, spellings: Mapping[str, str]) -> str:
    """Unified ``text`` with every character in its first spelling: for comparing and searching, not for keeping."""
    if not spellings:
        return text
    longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
    return re.sub("|".join(map(re.escape, longest_first)), lambda match: spellings[match[0]], text)
