"""Who calls: what nginx has verified of a certificate, held against the declared cities. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_address

CITY = re.compile(r"[a-z][a-z0-9]{1,15}\Z")


class RefusedError(Exception):
    """The caller gets nothing; the message says why."""


@dataclass(frozen=True)
class Caller:
    """A city that may call, with the certificate and the address it calls by."""

    city: str
    serial: str
    address: str


def caller(subject: str, serial: str, address: str, cities: Mapping[str, IPv4Network]) -> Caller:
    """The city that a verified certificate stands for.

    ``subject`` is as RFC 2253 writes it (``CN=konan,O=konan``), ``cities`` the entitled ones and their networks.
    Raises RefusedError for a subject that is not one city's, a city that is not entitled, and a city's
    certificate in use elsewhere.
    """
    city = city_of(subject)
    if city not in cities:
        raise RefusedError(f"{city} is not entitled")
    if ip_address(address) not in cities[city]:
        raise RefusedError(f"{city}'s certificate, but not {city}'s network")
    return Caller(city, serial, address)


def city_of(subject: str) -> str:
    """The city named by both O and CN of ``subject``, each there once. Raises RefusedError."""
    parts = [part.partition("=") for part in subject.split(",")]
    named = sorted((key, value) for key, _, value in parts)
    if [key for key, _ in named] != ["CN", "O"] or named[0][1] != named[1][1]:
        raise RefusedError("not a city's certificate")
    city = named[0][1]
    if not CITY.match(city):
        raise RefusedError("not a city's certificate")
    return city
