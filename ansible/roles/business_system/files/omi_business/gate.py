"""Whom a request is from. Only the proxies may say so: they have verified the city's certificate.

The gate stands before whatever application the host runs, the vendor's as well: an application reads
``environ["omi.city"]`` and cannot be told otherwise.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable

from omi_web.http import Environ, Refusal, Response, StartResponse, Wsgi, wsgi
from omi_web.peer import Peer, is_host, peer

CITY = "omi.city"
"""Key in the environment: the city that asks."""
READY = "/ready"

log = logging.getLogger("omi.gate")


def asking(who: Peer, said: str | None, proxies: frozenset[str], cities: Collection[str]) -> str:
    """The city that asks: what a proxy ``said`` it is. Raises Refusal 403 otherwise."""
    if not is_host(who, proxies):
        raise Refusal(403, f"not a proxy: {who.name!r}")
    if said not in cities:
        raise Refusal(403, f"not entitled: {said!r}")
    return str(said)


class Gate:
    """``application`` behind the gate. ``ready`` answers /ready, to anyone with a certificate."""

    def __init__(
        self,
        application: Wsgi,
        ready: Callable[[], Response],
        proxies: frozenset[str],
        cities: Collection[str],
    ) -> None:
        self._application, self._proxies, self._cities = application, proxies, cities
        self._ready = wsgi(lambda _: ready())

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Let a request in, or answer it here."""
        if environ.get("PATH_INFO") == READY:
            return self._ready(environ, start_response)
        try:
            said = environ.pop("HTTP_X_OMI_CITY", None)
            environ[CITY] = asking(peer(environ), said, self._proxies, self._cities)
        except Refusal as refusal:
            log.warning("refused %s %s: %s", environ["REQUEST_METHOD"], environ["PATH_INFO"], refusal)
            return wsgi(refuse)(environ, start_response)
        return self._application(environ, start_response)


def refuse(_: object) -> Response:
    """The same answer to all who may not: the reason is in the log."""
    raise Refusal(403, "not entitled to the standard business system")
