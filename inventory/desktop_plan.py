"""Who has a desktop, and which host is what in the pool. Pure. Why as it is: docs/decisions/0080, 0083."""

from __future__ import annotations

from typing import Any, NamedTuple

from inventory.database_plan import endpoint, with_role
from inventory.desktops import MOST_PEOPLE
from inventory.topology import Host, Site, Topology

SERVICE = "desktop"
"""The service whose cities have desktops."""
FIRST_ID = 10_000
"""User and group numbers of people begin here; a city has MOST_PEOPLE + 1 of them, the first is its group's."""
PARTS = ("desk", "broker", "profile")


class Person(NamedTuple):
    """Somebody with a desktop. The number is the same on every session host: files keep their owner."""

    name: str
    city: str
    uid: int


def group_id(city: Site) -> int:
    """The number of a city's group."""
    return FIRST_ID + (MOST_PEOPLE + 1) * city.octet


def prefix(city: Site) -> str:
    """How the names of a city's people begin: c5d.

    Short, because the wish for one's own session travels in a field of which common clients send nine characters
    (mstshash): two people of a city must differ within those.
    """
    return f"c{city.octet}d"


def people(topology: Topology) -> list[Person]:
    """Everybody, city by city."""
    numbers = range(1, topology.desktops.people + 1)
    return [
        Person(f"{prefix(city)}{number}", city.name, group_id(city) + number)
        for city in topology.entitled(SERVICE)
        for number in numbers
    ]


def password_of(person: Person) -> str:
    """Under which name the person's password is derived (decision 0060)."""
    return f"desktop/{person.city}/{person.name}"


def zone(topology: Topology) -> str | None:
    """The zone that the brokers are in; None where there is no pool."""
    brokers = with_role(topology.data_center, "broker")
    return brokers[0].zone if brokers else None


def brokers_for(topology: Topology, city: Site) -> list[dict[str, str]]:
    """The brokers in the order in which a city's terminals try them: cities begin at different ones."""
    brokers = [endpoint(host) for host in with_role(topology.data_center, "broker")]
    first = city.octet % max(1, len(brokers))
    return brokers[first:] + brokers[:first]


def desktop_variables(topology: Topology, host: Host) -> dict[str, Any]:
    """What a host of the pool, or a terminal in its zone, knows of it; nothing for any other host."""
    site = topology.site(host.site)
    if site in topology.entitled(SERVICE) and not host.is_router and host.zone == zone(topology):
        return {"desktop": {"part": "terminal", "brokers": brokers_for(topology, site)}}
    if site != topology.data_center or host.role not in PARTS:
        return {}
    return {"desktop": {"part": host.role} | pool(topology)}


def pool(topology: Topology) -> dict[str, Any]:
    """What the hosts of the pool know."""
    declared, center = topology.desktops, topology.data_center
    return {
        **{f"{part}s": [endpoint(host) for host in with_role(center, part)] for part in PARTS},
        "cities": [
            {
                "name": city.name,
                "people": prefix(city),
                "gid": group_id(city),
                "network": city.zones[zone(topology) or ""],
            }
            for city in topology.entitled(SERVICE)
        ],
        "people": [person._asdict() | {"password": password_of(person)} for person in people(topology)],
        "places": declared.places,
        "unheard_s": round(declared.unheard.base),
        "saved_every_s": round(declared.saved_every.base),
        "left_for_s": round(declared.left_for.base),
    }
