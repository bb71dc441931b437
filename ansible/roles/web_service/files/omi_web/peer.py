"""Who is at the other end of a connection: what TLS has verified, and nothing that the other end says."""

from __future__ import annotations

from typing import Any, NamedTuple


class Peer(NamedTuple):
    """The subject of a verified client certificate."""

    organization: str | None
    """None where it names none, or more than one: then it speaks for nobody."""
    names: frozenset[str]
    """DNS names it was issued for."""


NOBODY = Peer(None, frozenset())


def peer(environ: dict[str, Any]) -> Peer:
    """The peer of a request that gunicorn hands over; NOBODY where there is no verified certificate."""
    get = getattr(environ.get("gunicorn.socket"), "getpeercert", None)
    return read(get()) if get else NOBODY


def read(certificate: dict[str, Any] | None) -> Peer:
    """What :meth:`ssl.SSLSocket.getpeercert` gives, as a Peer."""
    if not certificate:
        return NOBODY
    parts = [pair for rdn in certificate.get("subject", ()) for pair in rdn]
    organizations = [value for key, value in parts if key == "organizationName"]
    names = (value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS")
    return Peer(organizations[0] if len(organizations) == 1 else None, frozenset(names))
