"""A city's register: rows to entries, with every mistake."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

from inventory.gaiji.model import Entry, Place, Register
from inventory.gaiji.notation import MJ, PRIVATE, is_ordinary, spelled
from inventory.gaiji.reference import Reference
from inventory.gaiji.rows import Row
from inventory.problem import Problem

Value = TypeVar("Value")

COLUMNS = ("code", "character", "strokes", "reading")
CODE = re.compile(r"(?:U\+)?([0-9A-Fa-f]{4})")
READING = re.compile(r"[ァ-ヺー]+")
MOST_STROKES = 84
"""As the kanji with the most has."""

MISSING = "none"


class Mistake(Exception):  # noqa: N818 - it never leaves this module
    """A field that means nothing: what is wrong, and what would be right."""


def register(city: str, rows: Iterable[Row], reference: Reference) -> tuple[Register, list[Problem]]:
    """The register in ``rows`` and all that is wrong with them. A faulty row is left out."""
    entries: dict[int, Entry] = {}
    problems: list[Problem] = []
    for row in rows:
        entry, found = read_entry(city, row, reference)
        problems += found
        if entry and entry.place.code in entries:
            first = entries[entry.place.code].line
            wrong = f"{entry.place.code:04X} is in line {first} already"
            problems.append(
                row.problem("code", wrong, "a code point has one character; delete one of the two")
            )
        elif entry:
            entries[entry.place.code] = entry
    return Register(city, tuple(entry for _, entry in sorted(entries.items()))), problems


def read_entry(city: str, row: Row, reference: Reference) -> tuple[Entry | None, list[Problem]]:
    """The entry that a row is, or all that is wrong with it."""
    problems: list[Problem] = []

    def value(column: str, reader: Callable[[str], Value]) -> Value | None:
        try:
            return reader(row.fields[column])
        except Mistake as mistake:
            problems.append(row.problem(column, *mistake.args))
            return None

    number = value("code", code)
    meant = value("character", lambda text: character(text, reference))
    count = value("strokes", strokes)
    read = value("reading", readings)
    if problems or number is None or count is None or read is None:
        return None, problems
    return Entry(Place(city, number), meant, count, read, row.file, row.line), []


def code(text: str) -> int:
    """A code point of the private-use area. Raises Mistake."""
    match = CODE.fullmatch(text)
    if match is None or int(match[1], 16) not in PRIVATE:
        raise Mistake(
            f"{text!r} is not allowed", f"write a code point from {PRIVATE[0]:04X} to {PRIVATE[-1]:04X}"
        )
    return int(match[1], 16)


def character(text: str, reference: Reference) -> str | None:
    """The MJ figure's name, a Unicode character outside MJ, or None. Raises Mistake."""
    if text == MISSING:
        return None
    if MJ.fullmatch(text):
        if text not in reference.spellings:
            raise Mistake(f"{text} is no MJ figure", f"look it up by its shape, or write {MISSING}")
        return text
    spelling = spelled(text)
    if spelling is None:
        right = f"write MJ026190, U+9089, U+9089 U+E010F or {MISSING}"
        raise Mistake(f"{text!r} is not allowed", right)
    if spelling in reference.figures:
        return reference.figures[spelling]
    if len(spelling) == 1 and is_ordinary(spelling):
        raise Mistake(f"{text} is an ordinary character", "delete the line, or write what is meant")
    if len(spelling) != 1 or unicodedata.category(spelling) != "Lo":
        raise Mistake(f"{text} is in no list", f"write the MJ figure's name, or {MISSING}")
    return text


def strokes(text: str) -> int:
    """A count of strokes. Raises Mistake."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_STROKES and len(text) < 4):
        raise Mistake(f"{text!r} is not allowed", f"write a whole number from 1 to {MOST_STROKES}")
    return int(text)


def readings(text: str) -> frozenset[str]:
    """Readings in katakana, blanks between them. Raises Mistake."""
    parts = text.split()
    if not parts or not all(READING.fullmatch(part) for part in parts):
        raise Mistake(f"{text!r} is not allowed", "write readings in katakana, blanks between them")
    return frozenset(parts)
