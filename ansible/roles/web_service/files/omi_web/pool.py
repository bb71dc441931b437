"""Connections to one database: few, kept open, replaced when they die, never more than allowed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import psycopg2
from psycopg2.errors import ReadOnlySqlTransaction

Result = TypeVar("Result")
Connection = Any
"""psycopg2's connection, which has no types."""
Cursor = Any

KEPT = 2
"""Idle connections that a pool keeps unless told otherwise; what a rush opened beyond them is closed after it."""
PAUSE_S = 0.1
"""Between two tries."""
LONGEST_IDLE_S = 15.0
"""After so long, a connection is asked whether it is still alive. Who needs one then gets another (``run``)."""

log = logging.getLogger("omi.pool")


class Lost(Exception):  # noqa: N818 - what it says of the server
    """The server is gone, or is no longer the primary: another connection may find the one that is."""


class Unavailable(Exception):  # noqa: N818 - an answer to the caller
    """No database answered in time, or all connections were busy for so long. Nothing is known to be done."""


def is_lost(error: psycopg2.Error) -> bool:
    """Whether the server was lost.

    One that goes in the midst of an answer is told of by psycopg2's general error, without an SQLSTATE, because no
    server gave it one.
    """
    gone = (psycopg2.OperationalError, psycopg2.InterfaceError, ReadOnlySqlTransaction)
    return isinstance(error, gone) or (type(error) is psycopg2.DatabaseError and error.pgcode is None)


class Pool:
    """At most ``most`` connections, made by ``connect`` when they are needed. Safe for threads.

    ``name`` is what the log calls the database; ``kept``: how many stay open without work.
    """

    def __init__(
        self, connect: Callable[[], Connection], most: int, patience_s: float, name: str, kept: int = KEPT
    ) -> None:
        self._connect, self._patience_s, self._name, self._kept = connect, patience_s, name, kept
        self._free = threading.BoundedSemaphore(most)
        self._idle: list[tuple[Connection, float]] = []
        self._lock = threading.Lock()
        self.warm = False
        """Whether the last that was heard of the database was good."""
        self._said = ""

    def run(self, transaction: Callable[[Cursor], Result]) -> Result:
        """What ``transaction(cursor)`` returns, committed.

        It is run again on a new connection where the one it had was lost, also in the midst of the commit; so it
        must be such that twice does no more than once. Raises Unavailable after the pool's patience.
        """
        deadline = time.monotonic() + self._patience_s
        while True:
            if not self._free.acquire(timeout=max(0.0, deadline - time.monotonic())):
                raise Unavailable("all connections are busy")
            try:
                return self._once(transaction)
            except Lost as error:
                self._discard(error)
                if time.monotonic() + PAUSE_S >= deadline:
                    raise Unavailable(str(error)) from error
            finally:
                self._free.release()
            time.sleep(PAUSE_S)

    def _once(self, transaction: Callable[[Cursor], Result]) -> Result:
        """One try. Raises Lost, and whatever ``transaction`` does; what it had begun is then undone."""
        connection = None
        try:
            connection = self._take()
            with connection.cursor() as cursor:
                result = transaction(cursor)
            connection.commit()
        except BaseException as error:
            lost = isinstance(error, psycopg2.Error) and is_lost(error)
            self._undo(connection, lost)
            if lost:
                raise Lost(str(error).strip()) from error
            raise
        self._give_back(connection)
        self._said, self.warm = "", True
        return result

    def _undo(self, connection: Connection | None, lost: bool) -> None:
        """Roll back and keep the connection; close it where the server was lost, or where that does not work."""
        if connection is None:
            return
        with suppress(psycopg2.Error):
            if not lost:
                connection.rollback()
                self._give_back(connection)
                return
        connection.close()

    def _take(self) -> Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()[0]
        return self._connect()

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            if not connection.closed and len(self._idle) < self._kept:
                self._idle.append((connection, time.monotonic()))
                return
        connection.close()

    def _discard(self, error: Lost) -> None:
        """Close what is idle: after a change of the primary, none of it is worth trying."""
        said = str(error)
        if said != self._said:
            log.warning("%s: %s", self._name, said)
        self._said, self.warm = said, False
        with self._lock:
            gone, self._idle = self._idle, []
        for connection, _ in gone:
            connection.close()

    def is_fresh(self) -> bool:
        """Whether it is warm, and has a connection that answered a moment ago."""
        with self._lock:
            return self.warm and any(time.monotonic() - used < LONGEST_IDLE_S for _, used in self._idle)

    def keep_warm(self) -> None:
        """Have a connection that answers, without waiting for anybody: meant to be called every second."""
        if self.is_fresh() or not self._free.acquire(blocking=False):
            return
        try:
            self._once(lambda cursor: cursor.execute("SELECT 1"))
        except Lost as error:
            self._discard(error)
        finally:
            self._free.release()
