"""Who a site is: the few names and numbers that all its others derive from.

A city's identity derives from its number alone (docs/decisions/0001-stable-identity.md), so adding or
removing a city changes nothing of another's.
"""

from __future__ import annotations

from typing import NamedTuple

from inventory import addressing
from inventory.model import City


class Identity(NamedTuple):
    """A site's name, and what its addresses, sessions and networks are numbered and named by."""

    name: str
    tag: str
    """Begins the names of its networks, which must be short: ``dc``, ``bc``, ``c6``."""
    octet: int
    asn: int


DATA_CENTER = Identity("dc", "dc", octet=addressing.DATA_CENTER_OCTET, asn=65000)
BACKUP_CENTER = Identity("bc", "bc", octet=addressing.BACKUP_CENTER_OCTET, asn=65001)
FIRST_CITY_ASN = 64512
"""Private 16-bit ASNs (RFC 6996); city n has the n-th after it."""


def city_identity(city: City) -> Identity:
    """The identity of a city hall."""
    return Identity(city.name, f"c{city.number}", octet=city.number, asn=FIRST_CITY_ASN + city.number)
