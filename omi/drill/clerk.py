"""Asks the business system one thing after the other from a city's terminal, and counts what failed.

``python3 clerk.py HOST``; goes on until its standard input ends, then prints one line of JSON: ``asked``,
``failed``, ``slowest`` (seconds) and the first ``failures``. Every request is tried once: a clerk at a counter
does not try again. What it registers it registers under one key for ever, so that it leaves one resident behind
however often it runs. Standard library only.
"""

from __future__ import annotations

import http.client
import json
import ssl
import sys
import threading
import time
from contextlib import closing
from itertools import cycle
from typing import Any

CERTIFICATE = "/etc/omi/pki/city"
TIMEOUT = 30
SHOWN = 5
KEY = {"Idempotency-Key": "drill-clerk"}
RESIDENT = {
    "name": "訓練\u3000辻\U000e0100子",
    "kana": "クンレン ツジコ",
    "born": "1950-04-01",
    "address": "訓練",
    "since": "1980-04-01",
}
ROUND: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/resident-records/residents", RESIDENT),
    ("GET", "/resident-records/residents?kana=%E3%82%AF%E3%83%B3", None),
    ("GET", "/tax", None),
)


def ask(host: str, context: ssl.SSLContext, method: str, path: str, body: Any) -> str:
    """What went wrong; empty where the answer is good."""
    try:
        with closing(http.client.HTTPSConnection(host, 443, context=context, timeout=TIMEOUT)) as connection:
            connection.request(method, path, json.dumps(body).encode() if body else None, KEY)
            response = connection.getresponse()
            content = response.read()
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    return "" if response.status in {200, 201} else f"{response.status}: {content[:200]!r}"


def work(host: str, stop: threading.Event) -> dict[str, Any]:
    """Ask until ``stop``; the figures."""
    context = ssl.create_default_context(cafile=f"{CERTIFICATE}/authority.pem")
    context.load_cert_chain(f"{CERTIFICATE}/certificate.pem", f"{CERTIFICATE}/key.pem")
    asked, slowest, failures = 0, 0.0, []
    for method, path, body in cycle(ROUND):
        if stop.is_set():
            break
        began = time.monotonic()
        wrong = ask(host, context, method, path, body)
        asked, slowest = asked + 1, max(slowest, time.monotonic() - began)
        failures += [f"{method} {path}: {wrong}"] if wrong else []
        stop.wait(0.05)
    return {"asked": asked, "failed": len(failures), "slowest": slowest, "failures": failures[:SHOWN]}


def main(host: str) -> None:
    """Work until the input ends."""
    stop = threading.Event()

    def await_end() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=await_end, daemon=True).start()
    print(json.dumps(work(host, stop), ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
