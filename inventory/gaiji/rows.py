"""CSV files that clerks deliver: lines of fields, each with its place in the file.

What a spreadsheet writes is read: a byte order mark, either end of line, quoted fields, empty lines. Lines that
begin with ``#`` are remarks.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inventory import document
from inventory.characters import visible
from inventory.problem import Problem

SIZE_CAP = 4 * 1024 * 1024
"""Bytes. A ledger of twenty cities with full registers is half of it."""
LINE_CAP = 1000
"""Characters."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Row:
    """A line's fields by column name, stripped of blanks around them."""

    file: str
    line: int
    fields: dict[str, str]

    def problem(self, column: str, wrong: str, right: str) -> Problem:
        """A problem with a field; the column counted is that of the field, from 1."""
        number = list(self.fields).index(column) + 1
        return Problem(self.file, self.line, number, f"{column}: {wrong}", right)


def read(path: Path, columns: Sequence[str]) -> tuple[list[Row], list[Problem]]:
    """The rows in ``path`` and all that is wrong with its form. A row of the wrong length is left out."""
    name = visible(str(path))
    text, problems = read_text(path, name)
    return ([], problems) if text is None else parse(text, name, columns)


def read_text(path: Path, name: str) -> tuple[str | None, list[Problem]]:
    """The file's text, or what keeps it from being read."""
    raw, problems = document.read_bytes(path, name, "CSV", SIZE_CAP)
    return (None, problems) if raw is None else document.decoded(raw.removeprefix(BYTE_ORDER_MARK), name)


def parse(text: str, name: str, columns: Sequence[str]) -> tuple[list[Row], list[Problem]]:
    """The rows in ``text``, whose first line must be the names of ``columns``."""
    rows, problems = [], []
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip(" ,\t") and not line.startswith("#")
    ]
    header = fields(lines[0][1]) if lines else []
    if header != list(columns):
        number = lines[0][0] if lines else 1
        return [], [Problem(name, number, 1, "not the expected columns", f"write {','.join(columns)} first")]
    for number, line in lines[1:]:
        found = fields(line)
        if len(found) == len(columns):
            rows.append(Row(name, number, dict(zip(columns, found, strict=True))))
        else:
            wrong = f"fields: {len(found)} instead of {len(columns)}"
            problems.append(Problem(name, number, 1, wrong, f"fill {','.join(columns)}"))
    return rows, problems


def fields(line: str) -> list[str]:
    """A line's fields; what no person would write in a line is cut off."""
    return [field.strip() for field in next(csv.reader([line[:LINE_CAP]]))]
