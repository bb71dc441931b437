"""A declaration's file: read with care, and turned into plain data with the place of everything in it.

Nothing in the file is trusted: it may be huge, a device, no text at all, or text that a person cannot see.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inventory import characters, yaml_reader
from inventory.problem import Problem
from inventory.yaml_reader import KeyPath, Position

SIZE_CAP = 128 * 1024
"""Bytes. The whole of cloud.yaml is a fifth of it."""
REPORTED_CHARACTERS = 20
"""Control characters reported a file: one that is full of them has said so by then."""


@dataclass(frozen=True)
class Document:
    """A file's data and, for each path in it, the line and column (from 1) of the key and of the value."""

    file: str
    data: Any
    keys: dict[KeyPath, Position] = field(default_factory=dict)
    values: dict[KeyPath, Position] = field(default_factory=dict)
    faulty: frozenset[KeyPath] = frozenset()
    """Where the YAML itself was wrong, and has been reported: no more need be said about these values."""

    def problem(self, path: KeyPath, wrong: str, right: str, *, at_key: bool = False) -> Problem:
        """A problem at ``path``, or at the nearest thing around it that is in the file."""
        places = self.keys if at_key else self.values
        while path and path not in places:
            path = path[:-1]
        line, column = places.get(path, self.values.get(path, (1, 1)))
        return Problem(self.file, line, column, wrong, right)


def read(path: Path, name: str) -> tuple[Document | None, list[Problem]]:
    """The document in ``path`` (called ``name`` in messages) and all that is wrong with its form.

    The document is None where nothing could be made of it.
    """
    text, problems = read_text(path, name)
    return (None, problems) if text is None else parse(text, name)


def parse(text: str, name: str) -> tuple[Document | None, list[Problem]]:
    """The document that ``text`` is, and all that is wrong with its form."""
    result = yaml_reader.read(text, name)
    if not result.complete:
        return None, result.problems
    return Document(name, result.data, result.keys, result.values, frozenset(result.faulty)), result.problems


def read_text(path: Path, name: str) -> tuple[str | None, list[Problem]]:
    """The file's text, or what keeps it from being read."""
    raw, problems = read_bytes(path, name)
    return (None, problems) if raw is None else decoded(raw, name)


def decoded(raw: bytes, name: str) -> tuple[str | None, list[Problem]]:
    """The text that the bytes are, or what is wrong with them."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = len(raw[raw.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8")) + 1
        wrong = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        return None, [Problem(name, line, column, wrong, "save the file as UTF-8")]
    found = invisible_characters(text, name)
    return (None, found) if found else (text, [])


def read_bytes(
    path: Path, name: str, kind: str = "YAML", cap: int = SIZE_CAP
) -> tuple[bytes | None, list[Problem]]:
    """The bytes of a file of this kind, ``cap`` at most. Only a regular file is opened: a pipe would wait."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return None, [Problem(name, 1, 1, "not a regular file", f"put a {kind} file there")]
        with path.open("rb") as file:
            raw = file.read(cap + 1)
    except OSError as error:
        wrong = f"cannot be read ({error.strerror})"
        return None, [Problem(name, 1, 1, wrong, f"put a readable {kind} file there")]
    if len(raw) > cap:
        wrong = f"more than the {cap:,} bytes a declaration may have"
        return None, [Problem(name, 1, 1, wrong, "check that it is the file you meant")]
    return raw, []


def invisible_characters(text: str, name: str) -> list[Problem]:
    """The first :data:`REPORTED_CHARACTERS` characters that a person does not see."""
    found = [
        Problem(name, number, column, f"control character U+{ord(character):04X}", "delete it")
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1)
        for column, character in enumerate(line, start=1)
        if characters.is_invisible(character)
    ]
    return found[:REPORTED_CHARACTERS]
