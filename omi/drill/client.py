"""Writes numbered rows into a city's own database and keeps every acknowledgement; runs on the city's terminal.

``python3 client.py prepare|write|look|clear``; the first line of standard input holds the orders (numbered.py), whose
``database`` are libpq's parameters, password included. ``write`` goes on until its standard input ends. Standard
library, psycopg2 and numbered.py only.

What each event of the ledger means:

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

import select
import time
from typing import Any

import psycopg2
import psycopg2.extensions
from numbered import Orders, main, short

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
STATEMENTS = {"prepare": PREPARE, "look": LOOK, "clear": CLEAR}
MAY_HAVE_COMMITTED = ("08", "57")
"""Classes of SQLSTATE (connection, operator's intervention) that may come after the commit."""
PAUSE = 0.1
"""Seconds between two attempts to connect."""
LOOKING = 60
"""Seconds that anything but a row may take."""


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


def connect(orders: Orders) -> Any:
    """A connection that commits by itself. libpq tries the hosts in turn; it waits for none longer than told.

    Raises ConnectionError where none of them takes it.
    """
    psycopg2.extensions.set_wait_callback(None)  # libpq's own waiting knows how to go on to the next host
    try:
        connection = psycopg2.connect(**orders["database"])
    except psycopg2.Error as error:
        raise ConnectionError(str(error)) from error
    connection.autocommit = True
    psycopg2.extensions.set_wait_callback(DEADLINE)
    return connection


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
        return event, f"{code or ''} {short(error)}"
    # "committed locally, but might not have been replicated": that is no acknowledgement
    warnings = [notice for notice in connection.notices if not notice.startswith(("NOTICE", "INFO", "DEBUG"))]
    return ("unknown", warnings[0].strip()[:120]) if warnings else ("acked", "")


def answer(orders: Orders, word: str) -> list[Any]:
    """Run the statement called ``word``; its rows, if it has any."""
    connection = connect(orders)
    DEADLINE.moment = time.monotonic() + LOOKING
    cursor = connection.cursor()
    cursor.execute(STATEMENTS[word], {"run": orders["run"]})
    return cursor.fetchall() if cursor.description else []


if __name__ == "__main__":
    main(connect, send, PAUSE, answer)
