"""Questions and orders to the lab's own Incus daemon, over its unix socket."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import httpx

from lab.errors import LabError
from lab.paths import LabPaths

LONGEST_OPERATION = 120  # seconds; formatting the pool takes two on a slow disk


class Incus:
    """A connection to the daemon; a context manager. Answers are the `metadata` of Incus's REST API."""

    def __init__(self, paths: LabPaths, timeout: float = 10) -> None:
        """timeout: seconds to wait for an answer, operations apart."""
        transport = httpx.HTTPTransport(uds=str(paths.incus_socket))
        self._client = httpx.Client(transport=transport, base_url="http://incus", timeout=timeout)

    def __enter__(self) -> Incus:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str) -> Any:
        """The object at `path`, or None if there is none."""
        answer = self._ask("GET", path)
        return None if answer.status_code == httpx.codes.NOT_FOUND else _metadata("GET", path, answer)

    def change(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        """Make, change or delete the object at `path`, and wait until that is done.

        method: POST, PATCH, PUT or DELETE. Raises LabError when the daemon refuses or fails.
        """
        answer = self._ask(method, path, body, timeout=LONGEST_OPERATION)
        _metadata(method, path, answer)
        document = answer.json()
        if document.get("type") == "async":
            waiting = f"{document['operation']}/wait?timeout={LONGEST_OPERATION}"
            operation = _metadata("GET", waiting, self._ask("GET", waiting, timeout=LONGEST_OPERATION + 5))
            if operation["status_code"] != httpx.codes.OK:
                raise _refusal(method, path, operation.get("err") or operation["status"])

    def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, timeout: float | None = None
    ) -> httpx.Response:
        try:
            return self._client.request(method, path, json=body, timeout=timeout or self._client.timeout)
        except httpx.HTTPError as error:
            raise LabError(f"the lab's Incus does not answer: {error}", "run `omi lab up` again") from None


def answers(paths: LabPaths) -> bool:
    """Whether the daemon answers at all, within two seconds."""
    try:
        with Incus(paths, timeout=2) as incus:
            return incus.get("/1.0") is not None
    except LabError:
        return False


def is_ready(paths: LabPaths) -> bool:
    """Whether the daemon has started every instance that ran before it ended. False too while it is slow to say."""
    try:
        with Incus(paths, timeout=10) as incus:
            incus.get("/internal/ready")
    except LabError:
        return False
    return True


def _metadata(method: str, path: str, answer: httpx.Response) -> Any:
    document = answer.json()
    if answer.is_error or document.get("error"):
        raise _refusal(method, path, document.get("error") or answer.reason_phrase)
    return document.get("metadata")


def _refusal(method: str, path: str, reason: str) -> LabError:
    return LabError(
        f"the lab's Incus refused {method} {path}: {reason}", "look into logs/incusd.log of the lab"
    )
