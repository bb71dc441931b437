"""Connections to one database: few, kept open, replaced when they die, never more than allowed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg2
from psycopg2.errors import ReadOnlySqlTransaction

Result = TypeVar("Result")
Connection = Any

LOST = (psycopg2.OperationalError, psycopg2.InterfaceError, ReadOnlySqlTransaction)
"""What a connection answers when its server went away, or is no longer the primary."""
KEPT = 2
"""Idle connections that a pool keeps; what a rush opened beyond them is closed after it."""
PAUSE_S = 0.1
"""Between two tries."""
LONGEST_IDLE_S = 5.0
"""After so long, a connection is asked whether it is still alive."""

log = logging.getLogger("omi.pool")


class Unavailable(Exception):  # noqa: N818 - an answer to the caller
    """The database did not answer in time, or all connections were busy for so long."""


class Pool:
    """At most ``most`` connections to the database that ``connect`` names (libpq's words)."""

    def __init__(self, connect: dict[str, str], most: int, patience_s: float) -> None:
        self._connect, self._patience_s = connect, patience_s
        self._free = threading.BoundedSemaphore(most)
        self._idle: list[tuple[Connection, float]] = []
        self._lock = threading.Lock()
        self.warm = False
        """Whether the last that was heard of the database was good."""
        self._said = ""

    def run(self, transaction: Callable[[Connection], Result]) -> Result:
        """What ``transaction(cursor)`` returns, committed.

        It is run again on a new connection where the one it had was lost, so it must be such that twice does
        no more than once. Raises Unavailable after the pool's patience.
        """
        deadline = time.monotonic() + self._patience_s
        if not self._free.acquire(timeout=self._patience_s):
            raise Unavailable("all connections are busy")
        try:
            while True:
                try:
                    return self._once(transaction)
                except LOST as error:
                    self._discard(error)
                    if time.monotonic() + PAUSE_S >= deadline:
                        raise Unavailable(str(error)) from error
                    time.sleep(PAUSE_S)
        finally:
            self._free.release()

    def _once(self, transaction: Callable[[Connection], Result]) -> Result:
        connection = self._take()
        try:
            with connection, connection.cursor() as cursor:
                result = transaction(cursor)
        except BaseException:
            # A refusal in the midst of a transaction was rolled back by the connection's own exit.
            self._give_back(connection)
            raise
        self._give_back(connection)
        self._said, self.warm = "", True
        return result

    def _take(self) -> Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()[0]
        return psycopg2.connect(**self._connect)

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            if not connection.closed and len(self._idle) < KEPT:
                self._idle.append((connection, time.monotonic()))
                return
        connection.close()

    def _discard(self, error: Exception) -> None:
        """Close what is idle: after a change of the primary, none of it is worth trying."""
        said = str(error).strip()
        if said != self._said:
            log.warning("%s: %s", self._connect["dbname"], said)
        self._said, self.warm = said, False
        with self._lock:
            gone, self._idle = self._idle, []
        for connection, _ in gone:
            connection.close()

    def keep_warm(self) -> None:
        """Have a connection that answers, without waiting for anybody: meant to be called every second."""
        with self._lock:
            fresh = any(time.monotonic() - used < LONGEST_IDLE_S for _, used in self._idle)
        if (fresh and self.warm) or not self._free.acquire(blocking=False):
            return
        try:
            self._once(lambda cursor: cursor.execute("SELECT 1"))
        except LOST as error:
            self._discard(error)
        finally:
            self._free.release()
