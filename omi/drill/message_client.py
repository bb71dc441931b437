"""Sends numbered messages to the CS servers and keeps every acknowledgement; runs on the city's terminal.

``python3 message_client.py prepare|write|look|clear``: as client.py does with rows, with the same events in the same
ledger; of the orders, ``database`` holds ``host``, ``port`` and ``certificate`` (a folder). Standard library and
numbered.py only.

sent     The message ``number`` is on its way, for the ``attempt``-th time; always under the same identifier.
acked    The service said 201 or 200: it has it.
refused  It has certainly not been accepted: no connection, or an answer that says so.
unknown  Nobody knows: the connection broke, the deadline passed, or the service could not tell.
"""

from __future__ import annotations

import http.client
import json
import ssl
from pathlib import Path
from typing import Any

from numbered import Orders, main

ATTEMPT = 0.8
"""Seconds for one attempt. Longer than an answer takes; short, because a packet to a host that has died is lost."""
PAUSE = 0.05
"""Seconds between two attempts to connect."""
LOOKING = 20
"""Seconds that an answer about the queue may take."""
MOST_AT_ONCE = 1000


def connection_to(service: dict[str, Any], seconds: float) -> http.client.HTTPSConnection:
    """A connection that proves the city's certificate and asks for the service's."""
    folder = Path(service["certificate"])
    context = ssl.create_default_context(cafile=str(folder / "authority.pem"))
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return http.client.HTTPSConnection(service["host"], service["port"], timeout=seconds, context=context)


def connect(orders: Orders) -> http.client.HTTPSConnection:
    """A connection that stands. Raises OSError."""
    connection = connection_to(orders["database"], ATTEMPT)
    connection.connect()
    return connection


def request(
    connection: http.client.HTTPSConnection, method: str, path: str, body: Any = None
) -> tuple[int, Any]:
    """Status and content of an answer."""
    connection.request(method, path, body=json.dumps(body) if body is not None else None)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def identifier(run: str, number: int) -> str:
    """What the city calls its message: the same at every attempt."""
    return f"{run}.{number}"


def send(
    connection: http.client.HTTPSConnection, orders: Orders, number: int, _attempt: int
) -> tuple[str, str]:
    """Send one message over a connection that stands. Returns the event and why."""
    if connection.sock is None:
        # It would open itself again, with the certificate that it read when it was made.
        return "refused", "the service has closed the connection"
    message = {"id": identifier(orders["run"], number), "content": f"drill {number}"}
    try:
        status, content = request(connection, "POST", "/messages", message)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return "unknown", f"{type(error).__name__} {error}"[:120]
    if status in (200, 201):
        return "acked", ""
    return ("unknown" if status >= 500 else "refused"), f"{status} {content}"[:120]


def look(orders: Orders) -> list[tuple[int, int]]:
    """Take this run's messages out of the city's queue: number of each that was there, as often as it was."""
    connection = connection_to(orders["database"], LOOKING)
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


def answer(orders: Orders, word: str) -> list[tuple[int, int]] | None:
    """There is nothing to prepare, and looking clears."""
    return look(orders) if word == "look" else None


if __name__ == "__main__":
    main(connect, send, PAUSE, answer)
