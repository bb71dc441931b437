"""Rules for the openings: each can be used by somebody, and says so once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from inventory.model import CloudFile, Opening
from inventory.openings import CITY
from inventory.problem import Problem
from inventory.rules.declared import Declared, one_of, tolerant
from inventory.rules.hosts import ROUTER_ROLES


def openings_make_sense(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """Every opening by itself, then all of them together."""
    for index, opening in enumerate(cloud.model.openings):
        yield from tolerant(ends_exist(cloud, index, opening))
        yield from tolerant(service_exists(cloud, index, opening))
        yield from tolerant(ends_meet(cloud, index, opening))
    yield from opened_once(cloud)


def zones_of(file: CloudFile) -> dict[str, set[str]]:
    """Role to the zones in which a center has such a host; ``city`` is in every zone."""
    zones = {CITY: {zone.name for zone in file.zones}}
    for group in (*file.data_center.hosts, *file.backup_center.hosts):
        zones.setdefault(group.role, set()).add(group.zone)
    return zones


def ends_exist(cloud: Declared[CloudFile], index: int, opening: Opening) -> Iterator[Problem]:
    """Both ends are roles of a center's hosts; a city may begin a connection and is never the end of one."""
    roles = set(zones_of(cloud.model))
    for field, known in (("sources", roles), ("to", roles - {CITY})):
        for place, role in enumerate(getattr(opening, field)):
            if role not in known:
                wrong = f"{role!r} is no role of a center's host"
                if role == CITY:
                    wrong = "nobody opens a connection to a city"
                elif role in ROUTER_ROLES:
                    wrong = f"{role!r} is a router, which no opening concerns"
                yield cloud.document.problem(("openings", index, field, place), wrong, one_of(known))


def service_exists(cloud: Declared[CloudFile], index: int, opening: Opening) -> Iterator[Problem]:
    """A service is a declared one, and limits cities, who alone are entitled to any."""
    if opening.service is None:
        return
    path = ("openings", index, "service")
    names = [service.name for service in cloud.model.services]
    if opening.service not in names:
        yield cloud.document.problem(path, f"service {opening.service!r} does not exist", one_of(names))
    if CITY not in opening.sources:
        wrong = "a service limits cities, and no city is among the sources"
        yield cloud.document.problem(path, wrong, "take it away, or add city to the sources")


def ends_meet(cloud: Declared[CloudFile], index: int, opening: Opening) -> Iterator[Problem]:
    """Some source shares a zone with some end; otherwise nobody could use the opening."""
    zones = zones_of(cloud.model)
    ends = list(product(opening.sources, opening.to))
    known = all(source in zones and end in zones for source, end in ends)
    if known and not any(zones[source] & zones[end] for source, end in ends):
        wrong = f"{' and '.join(opening.sources)} share no zone with {' and '.join(opening.to)}"
        right = "nothing crosses from one zone to another; put both ends into one"
        yield cloud.document.problem(("openings", index), wrong, right)


def opened_once(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """No source, end and port come twice: who takes one away must find it closed."""
    seen: set[tuple[str, str, int]] = set()
    for index, opening in enumerate(cloud.model.openings):
        with_ports = set(product(opening.sources, opening.to, opening.ports))
        for source, end, port in sorted(with_ports & seen):
            wrong = f"{source} to {end}, port {port}, is open already"
            yield cloud.document.problem(("openings", index), wrong, "open it once")
        seen |= with_ports
