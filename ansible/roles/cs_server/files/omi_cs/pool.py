"""A bounded pool of connections that outlives its database server: what breaks is thrown away and tried anew."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import psycopg2
from psycopg2 import errors

Answer = TypeVar("Answer")
Connection = Any
"""psycopg2's connection, which has no types."""

LOST = (psycopg2.OperationalError, psycopg2.InterfaceError, errors.ReadOnlySqlTransaction)
"""The server is gone, or is no longer the primary: another connection may find the one that is. A server that goes in
the midst of an answer is told of by psycopg2's general error; that has no SQLSTATE, because no server gave it one."""
PAUSE = 0.2
"""Seconds between two attempts."""


class LostError(Exception):
    """The server was lost."""


class UnavailableError(Exception):
    """No database answered in time. Nothing is known to be done; the caller may ask again."""


class Pool:
    """At most ``size`` connections, made by ``connect`` when they are needed. Safe for threads."""

    def __init__(self, connect: Callable[[], Connection], size: int, patience: float) -> None:
        self.connect = connect
        self.patience = patience
        self.free = threading.BoundedSemaphore(size)
        self.idle: list[Connection] = []

    def run(self, work: Callable[[Connection], Answer]) -> Answer:
        """What ``work`` makes of a connection, in one transaction that is committed.

        ``work`` is run again on a new connection when the server is lost, also when that happens in the midst
        of the commit: so it must be fit to be done twice. Raises UnavailableError after ``patience`` seconds.
        """
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return self.once(work, deadline)
            except LostError as error:
                self.drop_idle()
                if time.monotonic() + PAUSE >= deadline:
                    raise UnavailableError(str(error)) from error
                time.sleep(PAUSE)

    def once(self, work: Callable[[Connection], Answer], deadline: float) -> Answer:
        """One attempt. Raises LostError if the server was lost, and UnavailableError."""
        if not self.free.acquire(timeout=max(0, deadline - time.monotonic())):
            raise UnavailableError("every connection is busy")
        connection = None
        try:
            connection = self.take()
            answer = work(connection)
            connection.commit()
        except psycopg2.Error as error:
            lost = isinstance(error, LOST) or error.pgcode is None
            self.discard(connection)
            if lost:
                raise LostError(str(error).strip()) from error
            raise
        except BaseException:
            self.discard(connection)
            raise
        else:
            self.idle.append(connection)
            return answer
        finally:
            self.free.release()

    def take(self) -> Connection:
        """An idle connection, or a new one."""
        try:
            return self.idle.pop()
        except IndexError:
            return self.connect()

    def discard(self, connection: Connection) -> None:
        """Close a connection that something was wrong with; whatever was not committed is undone."""
        if connection:
            connection.close()

    def drop_idle(self) -> None:
        """Close whatever is idle: where one connection was lost, the others lead to the same dead server."""
        with suppress(IndexError):
            while True:
                self.discard(self.idle.pop())
