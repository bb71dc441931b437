"""The sending side: a file in pieces over TLS, going on where it stopped. The standard library alone."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

PIECE = 1024 * 1024
"""Bytes sent at a time."""
TIMEOUT_S = 30.0
PAUSE_S = 1.0


class RefusedError(Exception):
    """The other side said no, for good."""

    def __init__(self, status: int, wrong: list[str]) -> None:
        super().__init__(f"{status}: {'; '.join(wrong)}")
        self.status, self.wrong = status, wrong


class Server(NamedTuple):
    """Where to send, and as whom: the folder that role ``certificate`` makes."""

    host: str
    port: int
    certificate: Path

    def context(self) -> ssl.SSLContext:
        """TLS that verifies the other side and shows who we are. Raises OSError."""
        context = ssl.create_default_context(cafile=str(self.certificate / "authority.pem"))
        context.load_cert_chain(self.certificate / "certificate.pem", self.certificate / "key.pem")
        return context

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> dict[str, Any]:
        """The JSON of an answer; 409 and 422 are answers too. Raises RefusedError, OSError."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPSConnection(
            self.host, self.port, context=self.context(), timeout=TIMEOUT_S
        )
        with closing(connection):
            try:
                connection.request(method, path, body, named)
                response = connection.getresponse()
                content = json.loads(response.read())
            except (http.client.HTTPException, ValueError) as error:
                raise ConnectionError(f"{type(error).__name__}: {error}") from error
        if response.status >= 500:
            raise ConnectionError(f"{response.status}: {content.get('wrong')}")
        if response.status not in {200, 201, 409} or "offset" not in content:
            raise RefusedError(response.status, content.get("wrong", []))
        return dict(content)


def send(server: Server, path: str, manifest: dict[str, Any], file: Path) -> str:
    """Send ``file`` to ``path``, from where an earlier try stopped. Returns the state it is in then.

    Raises RefusedError, OSError; after an OSError the same call goes on where it was.
    """
    stands = server.ask("PUT", path, json.dumps(manifest).encode())
    with file.open("rb") as content:
        while stands["state"] == "receiving":
            content.seek(stands["offset"])
            piece = content.read(PIECE)
            if not piece:
                raise RefusedError(422, [f"{file} has become shorter"])
            stands = server.ask("PATCH", path, piece, Upload_Offset=str(stands["offset"]))
    return str(stands["state"])


def persistently(attempt: Callable[[], str], patience_s: float) -> str:
    """``attempt`` until it succeeds, for ``patience_s`` seconds. Raises its last OSError."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return attempt()
        except OSError:
            if time.monotonic() + PAUSE_S > deadline:
                raise
            time.sleep(PAUSE_S)
