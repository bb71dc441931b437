"""Who is at the other end of a connection: what TLS has verified, and nothing that the other end says.

The host's HAProxy verifies the certificate, deletes whatever a request says in these two headers, and writes them
itself; and nobody but HAProxy can open the service's socket. (gunicorn's own TLS will not do: in Debian 12 a client
that sends something and is gone before the handshake ends the whole worker.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

ORGANIZATION = "HTTP_X_OMI_PEER_ORGANIZATION"
NAME = "HTTP_X_OMI_PEER_NAME"


class Peer(NamedTuple):
    """The subject of a verified client certificate."""

    organization: str
    """A city's name; empty in a host's certificate."""
    name: str
    """The common name: a host's, or again the city's."""


def peer(environ: dict[str, Any]) -> Peer:
    """The peer of a request that comes through the host's HAProxy."""
    return Peer(environ.get(ORGANIZATION, ""), environ.get(NAME, ""))


def is_host(who: Peer, names: frozenset[str]) -> bool:
    """Whether the other end is one of the hosts ``names``; a city's certificate is no host's."""
    return not who.organization and who.name in names
