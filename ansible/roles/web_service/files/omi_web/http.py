"""Requests, answers and routes over WSGI, as small as the reference services need them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, BinaryIO
from urllib.parse import parse_qsl

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]

MOST_BODY = 64 * 1024
"""Bytes of a request that is read as a whole."""

log = logging.getLogger("omi")


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """The answer is no: a status, and everything that was wrong."""

    def __init__(self, status: int, *wrong: str, **more: Any) -> None:
        super().__init__("; ".join(wrong))
        self.status, self.wrong, self.more = status, wrong, more


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case, with dashes."""
    length: int
    """Bytes of the body."""
    stream: BinaryIO
    environ: Environ

    def body(self, most: int = MOST_BODY) -> bytes:
        """The whole body, of at most ``most`` bytes. Raises Refusal where it is longer, or ended early."""
        if self.length > most:
            raise Refusal(413, f"{self.length} bytes are more than {most}")
        content = self.stream.read(self.length)
        if len(content) != self.length:
            raise Refusal(400, f"the body ended after {len(content)} of {self.length} bytes")
        return content

    def mapping(self) -> dict[str, Any]:
        """The body as a JSON object. Raises Refusal where it is none."""
        try:
            value = json.loads(self.body())
        except (ValueError, RecursionError) as error:
            raise Refusal(400, f"the body is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise Refusal(400, "the body is no JSON object")
        return value


@dataclass(frozen=True)
class Response:
    """What is answered."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def answer(status: int, value: Any, **headers: str) -> Response:
    """``value`` as JSON, in real characters; ``headers`` by name, with underscores for dashes."""
    text = json.dumps(value, ensure_ascii=False) + "\n"
    named = {name.replace("_", "-"): content for name, content in headers.items()}
    return Response(status, text.encode(), {"Content-Type": "application/json; charset=utf-8", **named})


def page(status: int, text: str) -> Response:
    """An HTML page."""
    return Response(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


Handler = Callable[..., Response]


class Routes:
    """Method and path to what answers; a path's named groups become its arguments."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, method: str, pattern: str, handler: Handler) -> None:
        """Let ``handler(request, **groups)`` answer what matches the whole path."""
        self._routes.append((method, re.compile(pattern), handler))

    def __call__(self, request: Request) -> Response:
        """The answer. Raises Refusal 404 or 405."""
        found = [(m, r.fullmatch(request.path), h) for m, r, h in self._routes]
        here = [(method, match, handler) for method, match, handler in found if match]
        for method, match, handler in here:
            if method == request.method:
                return handler(request, **match.groupdict())
        if here:
            raise Refusal(405, f"{request.method} is not for {request.path}")
        raise Refusal(404, f"there is nothing at {request.path}")


def read(environ: Environ) -> Request:
    """The request in ``environ``. Raises Refusal where its length or its text is no such thing."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise Refusal(400, f"Content-Length {length!r}")
    if environ.get("HTTP_TRANSFER_ENCODING"):
        raise Refusal(411, "say the length of the body")
    try:
        path = environ.get("PATH_INFO", "/").encode("latin-1").decode()
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), errors="strict", max_num_fields=20))
    except ValueError as error:
        raise Refusal(400, f"the address is no UTF-8: {error}") from error
    headers = {
        key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")
    }
    return Request(
        environ["REQUEST_METHOD"], path, query, headers, int(length), environ["wsgi.input"], environ
    )


def wsgi(handle: Callable[[Request], Response]) -> Wsgi:
    """``handle`` as a WSGI application: a Refusal becomes its answer, a fault 500 and a line in the log."""

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        response = guarded(handle, environ)
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **response.headers}
        phrase = f"{response.status} {HTTPStatus(response.status).phrase}"
        start_response(phrase, [*headers.items(), ("Content-Length", str(len(response.body)))])
        return [response.body]

    return application


def guarded(handle: Callable[[Request], Response], environ: Environ) -> Response:
    """What ``handle`` answers, whatever happens."""
    try:
        return handle(read(environ))
    except Refusal as refusal:
        retry = {"Retry_After": "1"} if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        return answer(refusal.status, {"wrong": list(refusal.wrong), **refusal.more}, **retry)
    except Exception:
        log.exception("%s %s", environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"))
        return answer(500, {"wrong": ["a fault of the service; it is in its log"]})
