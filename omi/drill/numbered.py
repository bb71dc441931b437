"""What every client of a drill does on a city's terminal: send numbered things, and keep a ledger of what came of it.

It is pushed beside the client's own program (client.py, message_client.py), which says how one thing is sent.
Standard library only.

Each event is a line of JSON, in the ledger's file and on standard output: ``event``, ``number``, ``attempt``, ``at``
(monotonic seconds), ``wall`` (seconds since 1970) and ``why``. What each event means the client's program says. After
anything but ``acked`` the same number is sent again, over a new connection.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Orders = dict[str, Any]
"""The first line of standard input: ``database`` (where to send), ``run`` (name of this ledger), and for ``write``
also ``file``, ``interval`` and ``deadline`` (seconds)."""
Send = Callable[[Any, Orders, int, int], tuple[str, str]]
"""Sends one thing over a connection: (connection, orders, number, attempt) to the event and why."""


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


def short(error: Exception) -> str:
    """What an error says, on one line."""
    return " ".join(str(error).split())[:120]


def write(
    orders: Orders,
    stop: threading.Event,
    connect: Callable[[Orders], Any],
    send: Send,
    pause: float,
) -> None:
    """Send one after the other until ``stop``; what was not acknowledged is sent again before the next.

    ``connect`` raises OSError where there is no connection; the next attempt is made ``pause`` seconds later.
    """
    book = Book(orders["file"])
    number, attempt, connection = 1, 1, None
    due = time.monotonic()
    while not stop.is_set():
        if connection is None:
            try:
                connection = connect(orders)
            except OSError as error:
                book.enter("refused", number, attempt, short(error))
                stop.wait(pause)
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
            with contextlib.suppress(Exception):  # whatever state it is in
                connection.close()
            connection = None


def await_end(stop: threading.Event) -> None:
    """Stop when whoever started us closes our input, or is no longer there."""
    sys.stdin.read()
    stop.set()


def main(
    connect: Callable[[Orders], Any], send: Send, pause: float, answer: Callable[[Orders, str], Any]
) -> None:
    """Do what the first argument says with the orders on standard input: ``write``, or what ``answer`` knows."""
    orders = json.loads(sys.stdin.readline())
    if sys.argv[1] == "write":
        stop = threading.Event()
        threading.Thread(target=await_end, args=(stop,), daemon=True).start()
        write(orders, stop, connect, send, pause)
    else:
        print(json.dumps(answer(orders, sys.argv[1])))
