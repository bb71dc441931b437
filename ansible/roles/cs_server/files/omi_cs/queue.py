"""A city's queue and its audit log, in the database. Row-level security holds a transaction to its city."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from omi_web.pool import Cursor
from psycopg2.extras import execute_values

from .caller import Caller
from .requests import Message

ACCEPTED, REPEATED, CONTRADICTED = "accepted", "repeated", "contradicted"
"""A new message; one that is there already; another one under an identifier that is taken."""


class Queue:
    """What one caller may do, inside the transaction of ``cursor``, which somebody else commits."""

    def __init__(self, cursor: Cursor, caller: Caller, server: str) -> None:
        self.caller = caller
        self.server = server
        self.cursor = cursor
        self.cursor.execute("SELECT set_config('cs.city', %s, true)", [caller.city])

    def accept(self, message: Message) -> str:
        """Put ``message`` into the queue: ACCEPTED, REPEATED or CONTRADICTED. Done twice, it is there once."""
        self.cursor.execute(
            "INSERT INTO cs.message (city, id, content) VALUES (%s, %s, %s)"
            " ON CONFLICT (city, id) DO NOTHING RETURNING number",
            [self.caller.city, *message],
        )
        outcome = ACCEPTED if self.cursor.fetchone() else self.compare(message)
        self.note(outcome, [message.identifier])
        return outcome

    def compare(self, message: Message) -> str:
        """Whether what is there under the identifier is the same message."""
        self.cursor.execute("SELECT content FROM cs.message WHERE id = %s", [message.identifier])
        (content,) = self.cursor.fetchone()
        return REPEATED if content == message.content else CONTRADICTED

    def waiting(self, most: int) -> list[dict[str, Any]]:
        """The oldest messages that nobody has acknowledged, in the order in which they were accepted."""
        self.cursor.execute(
            "SELECT id, content, accepted FROM cs.message WHERE acknowledged IS NULL ORDER BY number LIMIT %s",
            [most],
        )
        rows = self.cursor.fetchall()
        return [{"id": row[0], "content": row[1], "accepted": row[2].isoformat()} for row in rows]

    def acknowledge(self, identifiers: list[str]) -> list[str]:
        """Take messages out of the queue, and say which of ``identifiers`` are this city's messages."""
        self.cursor.execute(
            "UPDATE cs.message SET acknowledged = now() WHERE id = ANY(%s) AND acknowledged IS NULL RETURNING id",
            [identifiers],
        )
        self.note("acknowledged", [row[0] for row in self.cursor.fetchall()])
        self.cursor.execute("SELECT id FROM cs.message WHERE id = ANY(%s) ORDER BY id", [identifiers])
        return [row[0] for row in self.cursor.fetchall()]

    def audit(self, most: int) -> list[dict[str, Any]]:
        """The newest entries of the city's audit log, the latest first."""
        self.cursor.execute(
            "SELECT at, event, message, serial, host(address), server FROM cs.audit ORDER BY number DESC LIMIT %s",
            [most],
        )
        names = ("at", "event", "message", "serial", "address", "server")
        rows = [dict(zip(names, row, strict=True)) for row in self.cursor.fetchall()]
        return [{**row, "at": row["at"].isoformat()} for row in rows]

    def note(self, event: str, identifiers: Iterable[str]) -> None:
        """Write the audit log, in the same transaction as what it tells of."""
        caller = self.caller
        rows = [(caller.city, event, one, caller.serial, caller.address, self.server) for one in identifiers]
        if rows:
            execute_values(
                self.cursor,
                "INSERT INTO cs.audit (city, event, message, serial, address, server) VALUES %s",
                rows,
            )
