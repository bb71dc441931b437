"""Who may open a connection to whom: the declared openings, worked out for one host.

An opening holds inside one zone only, because nothing crosses from one zone to another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from inventory.model import Opening
from inventory.topology import Host, Site, Topology

CITY = "city"
"""The source that stands for the terminals of the cities."""


class Admission(NamedTuple):
    """What a host lets in: TCP connections to ``ports`` (or VRRP) from ``sources`` (addresses and prefixes)."""

    ports: tuple[int, ...]
    sources: tuple[str, ...]
    why: str
    protocol: str = "tcp"


def admissions(topology: Topology, host: Host) -> list[Admission]:
    """What ``host`` lets in, in the order of the declaration. An opening that nobody can use is left out."""
    found = []
    for opening in topology.openings:
        if host.role in opening.to and topology.site(host.site).kind != "city":
            sources = tuple(source for source in admitted(topology, opening, host) if source)
            if sources:
                found.append(Admission(opening.ports, sources, opening.why, opening.protocol))
    return found


def admitted(topology: Topology, opening: Opening, host: Host) -> Iterator[str]:
    """Where connections to ``host`` may come from: prefixes of cities, addresses of the centers' hosts."""
    if host.zone is None:
        return
    if CITY in opening.sources:
        entitled = (city for city in topology.cities if is_entitled(city, opening))
        yield from (city.zones[host.zone] for city in entitled)
    for center in (topology.data_center, topology.backup_center):
        for other in center.hosts:
            if other.role in opening.sources and other.zone == host.zone and other != host:
                yield other.interface(f"lan-{host.zone}").ip


def is_entitled(city: Site, opening: Opening) -> bool:
    """Whether the opening is for this city."""
    return opening.service is None or opening.service in city.services
