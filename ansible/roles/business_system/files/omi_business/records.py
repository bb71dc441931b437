"""What is kept in a city's database: one function a statement, each for a transaction of its own.

Whoever registers names the request with a key of his own (Idempotency-Key). The same request once more, because the
answer got lost, finds what the first one made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from omi_web.http import Refusal

from omi_business.residents import Resident, katakana, prefix, searched

Cursor = Any
MOST_FOUND = 50
COLUMNS = "number, name, kana, born, address, since"


class Asked(NamedTuple):
    """The request that asks for something new: its key, and what it asks for."""

    key: str
    fingerprint: str


class Made(NamedTuple):
    """The number of what a request made, and whether it was made just now."""

    number: int
    new: bool


def asked(key: str, *what: Any) -> Asked:
    """A request's key with the fingerprint of its content."""
    content = json.dumps(what, ensure_ascii=False, default=str)
    return Asked(key, hashlib.sha256(content.encode()).hexdigest())


def make(cursor: Cursor, table: str, request: Asked, values: dict[str, Any]) -> Made:
    """A new row of ``table``, or the one this request made before.

    Raises Refusal 409 where the key was used for something else. ``table`` and the columns are ours.
    """
    columns = ", ".join([*values, "request", "fingerprint"])
    places = ", ".join(["%s"] * (len(values) + 2))
    # A request on its way twice at once: the second waits here until the first has committed.
    cursor.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT (request) DO NOTHING RETURNING number",  # noqa: S608
        [*values.values(), *request],
    )
    row = cursor.fetchone()
    if row:
        return Made(row[0], True)
    cursor.execute(f"SELECT number, fingerprint FROM {table} WHERE request = %s", (request.key,))  # noqa: S608
    number, fingerprint = cursor.fetchone()
    if fingerprint != request.fingerprint:
        raise Refusal(409, "this Idempotency-Key was used for another request")
    return Made(number, False)


def register(resident: Resident, request: Asked) -> Callable[[Cursor], Made]:
    """Registers a resident."""
    values = {**resident._asdict(), "searched": searched(resident.name)}
    return lambda cursor: make(cursor, "resident", request, values)


def receive(function: str, applicant: str, request: Asked) -> Callable[[Cursor], Made]:
    """Receives an application for one of a group's functions."""
    values = {"function": function, "applicant": applicant}
    return lambda cursor: make(cursor, "procedure", request, values)


def resident(number: int) -> Callable[[Cursor], dict[str, Any]]:
    """Reads a resident. Raises Refusal 404."""

    def read(cursor: Cursor) -> dict[str, Any]:
        cursor.execute(f"SELECT {COLUMNS} FROM resident WHERE number = %s", (number,))  # noqa: S608
        return one(rows(cursor), f"resident {number}")

    return read


def procedure(number: int) -> Callable[[Cursor], dict[str, Any]]:
    """Reads an application. Raises Refusal 404."""

    def read(cursor: Cursor) -> dict[str, Any]:
        cursor.execute(
            "SELECT number, function, applicant, received FROM procedure WHERE number = %s", (number,)
        )
        return one(rows(cursor), f"procedure {number}")

    return read


def find(name: str, kana: str) -> Callable[[Cursor], list[dict[str, Any]]]:
    """Finds residents whose name and reading begin so, at most MOST_FOUND, by reading."""
    patterns = (prefix(searched(name)), prefix(katakana(kana)))

    def read(cursor: Cursor) -> list[dict[str, Any]]:
        cursor.execute(
            f"SELECT {COLUMNS} FROM resident WHERE searched LIKE %s AND kana LIKE %s"  # noqa: S608
            " ORDER BY kana, number LIMIT %s",
            (*patterns, MOST_FOUND),
        )
        return rows(cursor)

    return read


def issue(number: int, request: Asked) -> Callable[[Cursor], dict[str, Any]]:
    """Issues a certificate of a resident: the resident, its ``certificate`` number and ``issued``."""

    def write(cursor: Cursor) -> dict[str, Any]:
        person = resident(number)(cursor)
        made = make(cursor, "certificate", request, {"resident": number})
        cursor.execute("SELECT issued FROM certificate WHERE number = %s", (made.number,))
        return {**person, "certificate": made.number, "issued": cursor.fetchone()[0]}

    return write


def rows(cursor: Cursor) -> list[dict[str, Any]]:
    """What was selected, by column."""
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def one(found: list[dict[str, Any]], what: str) -> dict[str, Any]:
    """The only row. Raises Refusal 404 where there is none."""
    if not found:
        raise Refusal(404, f"there is no {what}")
    return found[0]
