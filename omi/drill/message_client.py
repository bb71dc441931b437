"""Sends numbered messages to the CS servers and keeps every acknowledgement; runs on the city's terminal.

``python3 message_client.py prepare|write|look|clear``: as client.py does with rows, with the same events in the same
ledger; of the orders, ``database`` holds ``host``, ``port`` and ``certificate`` (a folder). Standard library only.

sent     The message ``number`` is on its way, for the ``attempt``-th time; always under the same identifier.
acked    The service said 201 or 200: it has it.
refused  It has certainly not been accepted: no connection, or an answer that says so.
unknown  Nobody knows: the connection broke, the deadline passed, or the service could not tell.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import Any

ATTEMPT = 0.8
"""Seconds for one attempt. Longer than an answer takes; short, because a packet to a host that has died is lost."""
MOST_AT_ONCE = 1000
Orders = dict[str, Any]


def connect(service: dict[str, Any], seconds: float) -> http.client.HTTPSConnection:
    """A connection that proves the city's certificate and asks for the service's."""
    folder = Path(service["certificate"])
    context = ssl.create_default_context(cafile=str(folder / "authority.pem"))
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return http.client.HTTPSConnection(service["host"], service["port"], timeout=seconds, context=context)


def request(
    connection: http.client.HTTPSConnection, method: str, path: str, body: Any = None
) -> tuple[int, Any]:
    """Status and content of an answer."""
    connection.request(method, path, body=json.dumps(body) if body is not None else None)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


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
        sys.stdout.write(line)
        sys.stdout.flush()


def identifier(run: str, number: int) -> str:
    """What the city calls its message: the same at every attempt."""
    return f"{run}.{number}"


def send(connection: http.client.HTTPSConnection, run: str, number: int) -> tuple[str, str]:
    """Send one message over a connection that stands. Returns the event and why."""
    message = {"id": identifier(run, number), "content": f"drill {number}"}
    try:
        status, content = request(connection, "POST", "/messages", message)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return "unknown", f"{type(error).__name__} {error}"[:120]
    if status in (200, 201):
        return "acked", ""
    return ("unknown" if status >= 500 else "refused"), f"{status} {content}"[:120]


def write(orders: Orders, stop: threading.Event) -> None:
    """Send message after message until ``stop``; one that was not acknowledged is sent again before the next."""
    book = Book(orders["file"])
    number, attempt = 1, 1
    connection = None
    due = time.monotonic()
    while not stop.is_set():
        if connection is None:
            connection = connect(orders["database"], ATTEMPT)
            try:
                connection.connect()
            except OSError as error:
                book.enter("refused", number, attempt, str(error)[:120])
                connection = None
                stop.wait(0.05)
                continue
        stop.wait(max(0.0, due - time.monotonic()))
        book.enter("sent", number, attempt)
        event, why = send(connection, orders["run"], number)
        book.enter(event, number, attempt, why)
        due = max(due + orders["interval"], time.monotonic())
        if event == "acked":
            number, attempt = number + 1, 1
        else:
            attempt += 1
            connection.close()
            connection = None


def look(orders: Orders) -> list[tuple[int, int]]:
    """Take this run's messages out of the city's queue: number of each that was there, as often as it was."""
    connection = connect(orders["database"], 20)
    found: list[tuple[int, int]] = []
    while True:
        status, content = request(connection, "GET", f"/messages?limit={MOST_AT_ONCE}")
        if status != 200:
            raise SystemExit(f"the queue cannot be read: {status} {content}")
        own = [one["id"] for one in content["messages"] if one["id"].startswith(orders["run"] + ".")]
        if not own:
            return found
        found += [(int(one.rpartition(".")[2]), 1) for one in own]
        status, content = request(connection, "POST", "/messages/acknowledge", {"ids": own})
        if status != 200 or content["unknown"]:
            raise SystemExit(f"messages cannot be acknowledged: {status} {content}")


def wait_for_the_end(stop: threading.Event) -> None:
    """Set ``stop`` when standard input ends, so also when whoever started us dies."""
    sys.stdin.read()
    stop.set()


def main(word: str) -> None:
    """Do one thing, as the module's first words say."""
    orders = json.loads(sys.stdin.readline())
    if word == "write":
        stop = threading.Event()
        threading.Thread(target=wait_for_the_end, args=(stop,), daemon=True).start()
        write(orders, stop)
    else:
        print(json.dumps(look(orders) if word == "look" else None))


if __name__ == "__main__":
    main(sys.argv[1])
