"""Writes numbered rows into a city's own database and keeps every acknowledgement; runs on the city's terminal.

``python3 client.py prepare|write|look|clear``; the first line of standard input holds the orders (JSON):
``database`` (libpq's parameters, password included), ``run`` (name of this ledger), and for ``write`` also ``file``,
``interval`` and ``deadline`` (seconds). ``write`` goes on until its standard input ends. Standard library and
psycopg2 only.

What each event (a line of JSON, in the file and on standard output) means:

sent     The row ``number`` is on its way, for the ``attempt``-th time. From here on it may arrive.
acked    The server said that the transaction is committed, without a word of warning. It is on disk before the next
         row is sent, so that the acknowledgement survives whatever happens here.
refused  It has certainly not been written: no connection, or the server said no before it committed.
unknown  Nobody knows: the connection broke, the deadline passed, or the server committed with a warning.

After ``refused`` and ``unknown`` the same number is sent again. It first waits for an earlier attempt that may still
be at work (an advisory lock, which a server frees once a transaction has ended) and then writes only if the number is
not there. The table has no unique constraint: what the system itself writes twice is to be seen, not suppressed.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions

PREPARE = """
CREATE SCHEMA IF NOT EXISTS drill;
CREATE TABLE IF NOT EXISTS drill.row (
  run text NOT NULL, number bigint NOT NULL, attempt integer NOT NULL,
  written timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX IF NOT EXISTS row_run_number ON drill.row (run, number);
"""
WRITE = """
BEGIN;
SELECT pg_advisory_xact_lock(hashtextextended(%(run)s, 0));
INSERT INTO drill.row (run, number, attempt) SELECT %(run)s, %(number)s, %(attempt)s
  WHERE NOT EXISTS (SELECT FROM drill.row WHERE run = %(run)s AND number = %(number)s);
COMMIT
"""
LOOK = "SELECT number, attempt FROM drill.row WHERE run = %(run)s ORDER BY number, attempt"
CLEAR = "DELETE FROM drill.row WHERE run = %(run)s"
MAY_HAVE_COMMITTED = ("08", "57")
"""Classes of SQLSTATE (connection, operator's intervention) that may come after the commit."""
PAUSE = 0.1
"""Seconds between two attempts to connect."""
LOOKING = 60
"""Seconds that anything but a row may take."""


Orders = dict[str, Any]


class DeadlineError(Exception):
    """The server took too long."""


class Deadline:
    """Lets psycopg2 wait for the server until a moment, and no longer."""

    moment = 0.0

    def __call__(self, connection: Any) -> None:
        while True:
            state = connection.poll()
            if state == psycopg2.extensions.POLL_OK:
                return
            left = self.moment - time.monotonic()
            ends = ([connection], []) if state == psycopg2.extensions.POLL_READ else ([], [connection])
            if left <= 0 or not any(select.select(*ends, [], left)):
                raise DeadlineError


DEADLINE = Deadline()


def connect(database: dict[str, Any]) -> Any:
    """A connection that commits by itself. libpq tries the hosts in turn; it waits for none longer than told."""
    psycopg2.extensions.set_wait_callback(None)  # libpq's own waiting knows how to go on to the next host
    connection = psycopg2.connect(**database)
    connection.autocommit = True
    psycopg2.extensions.set_wait_callback(DEADLINE)
    return connection


class Book:
    """The ledger's file, and its copy on standard output for whoever watches."""

    def __init__(self, path: str) -> None:
        self.file = Path(path).open("a", encoding="utf-8")  # noqa: SIM115 - open for as long as we live

    def enter(self, event: str, number: int, attempt: int, why: str = "") -> None:
        """One event. An acknowledgement is on disk when this returns."""
        now = {"at": time.monotonic(), "wall": time.time()}
        line = json.dumps({"event": event, "number": number, "attempt": attempt, **now, "why": why}) + "\n"
        self.file.write(line)
        self.file.flush()
        if event == "acked":
            os.fsync(self.file.fileno())
        with contextlib.suppress(OSError):  # nobody watches any more; the file is what counts
            sys.stdout.write(line)
            sys.stdout.flush()


def send(connection: Any, orders: Orders, number: int, attempt: int) -> tuple[str, str]:
    """Write one row. Returns the event and why: acked, refused or unknown."""
    DEADLINE.moment = time.monotonic() + orders["deadline"]
    del connection.notices[:]
    try:
        values = {"run": orders["run"], "number": number, "attempt": attempt}
        connection.cursor().execute(WRITE, values)
    except DeadlineError:
        return "unknown", "deadline"
    except psycopg2.Error as error:
        code = error.pgcode
        event = "unknown" if code is None or code.startswith(MAY_HAVE_COMMITTED) else "refused"
        return event, (code or "") + " " + " ".join(str(error).split())[:120]
    # "committed locally, but might not have been replicated": that is no acknowledgement
    warnings = [notice for notice in connection.notices if not notice.startswith(("NOTICE", "INFO", "DEBUG"))]
    return ("unknown", warnings[0].strip()[:120]) if warnings else ("acked", "")


def write(orders: Orders, stop: threading.Event) -> None:
    """Write row after row until ``stop``; a row that was not acknowledged is tried again before the next."""
    book = Book(orders["file"])
    number, attempt, connection = 1, 1, None
    due = time.monotonic()
    while not stop.is_set():
        if connection is None:
            try:
                connection = connect(orders["database"])
            except psycopg2.Error as error:
                book.enter("refused", number, attempt, " ".join(str(error).split())[:120])
                stop.wait(PAUSE)
                continue
        stop.wait(max(0.0, due - time.monotonic()))
        book.enter("sent", number, attempt)
        event, why = send(connection, orders, number, attempt)
        book.enter(event, number, attempt, why)
        due = max(due + orders["interval"], time.monotonic())
        if event == "acked":
            number, attempt = number + 1, 1
        else:
            attempt += 1
            close(connection)
            connection = None


def close(connection: Any) -> None:
    """Let go of a connection, whatever state it is in."""
    with contextlib.suppress(psycopg2.Error, OSError):
        connection.close()


def ask(orders: Orders, statement: str) -> list[Any]:
    """Run one statement; its rows, if it has any."""
    connection = connect(orders["database"])
    DEADLINE.moment = time.monotonic() + LOOKING
    cursor = connection.cursor()
    cursor.execute(statement, {"run": orders["run"]})
    return cursor.fetchall() if cursor.description else []


def await_end(stop: threading.Event) -> None:
    """Stop when whoever started us closes our input, or is no longer there."""
    sys.stdin.read()
    stop.set()


def main(word: str) -> None:
    """Do what ``word`` says with the orders on standard input."""
    orders = json.loads(sys.stdin.readline())
    if word == "write":
        stop = threading.Event()
        threading.Thread(target=await_end, args=(stop,), daemon=True).start()
        write(orders, stop)
    else:
        print(json.dumps(ask(orders, {"prepare": PREPARE, "look": LOOK, "clear": CLEAR}[word])))


if __name__ == "__main__":
    main(sys.argv[1])
