"""What must hold between the things of a declaration. One rule, one function; each yields what breaks it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from netaddr import IPNetwork

from inventory import addressing
from inventory.document import Document, Path_
from inventory.model import City, CloudFile, HostGroup
from inventory.problem import Problem

DC_EDGES = "dc-edge{}"


@dataclass(frozen=True)
class Declared:
    """A city with the file it stands in."""

    stem: str
    """The file's name without .yaml."""
    document: Document
    model: City


def check(cloud: tuple[Document, CloudFile] | None, cities: list[Declared]) -> list[Problem]:
    """Every broken rule. Rules that need cloud.yaml wait until that file itself is right."""
    problems = [*unique_cities(cities), *named_like_their_files(cities), *host_addresses_of(cities)]
    if cloud is None:
        return problems
    document, file = cloud
    problems += zones_do_not_overlap(document, file)
    problems += unique_names(document, file)
    problems += replication_is_possible(document, file)
    problems += business_groups_add_up(document, file)
    problems += reserved_names(document, file, cities)
    for key, center in (("data_center", file.data_center), ("backup_center", file.backup_center)):
        problems += host_groups(document, (key, "hosts"), center.hosts, file)
    for city in cities:
        problems += lines_land_apart(city, file)
        problems += services_exist(city, file)
        problems += zones_exist(city.document, ("hosts",), city.model.hosts, file)
    return problems


def unique_cities(cities: list[Declared]) -> Iterator[Problem]:
    """No two cities share a number or a name."""
    for field in ("number", "name"):
        first: dict[object, Declared] = {}
        for city in cities:
            value = getattr(city.model, field)
            other = first.setdefault(value, city)
            if other is not city:
                wrong = f"{field} {value} is {other.document.file}'s already"
                yield city.document.problem((field,), wrong, f"give each city a {field} of its own")


def named_like_their_files(cities: list[Declared]) -> Iterator[Problem]:
    """A city stands in the file of its name."""
    for city in cities:
        if city.model.name != city.stem:
            wrong = f"city {city.model.name!r} in a file called {city.stem}.yaml"
            yield city.document.problem(("name",), wrong, f"rename one of them, to {city.model.name}.yaml")


def reserved_names(document: Document, file: CloudFile, cities: list[Declared]) -> Iterator[Problem]:
    """`dc` and `bc` are the centers', in names of hosts and of Incus projects."""
    for city in cities:
        if city.model.name in ("dc", "bc", "default"):
            yield city.document.problem(
                ("name",), f"name {city.model.name!r} is taken", "choose another name"
            )


def zones_do_not_overlap(document: Document, file: CloudFile) -> Iterator[Problem]:
    """No zone lies in another one or in what every site keeps for itself."""
    taken = [(name, IPNetwork(subnet)) for name, subnet in addressing.RESERVED.items()]
    for index, zone in enumerate(file.zones):
        net = IPNetwork(zone.subnet)
        for name, other in taken:
            if net in other or other in net:
                wrong = f"subnet {zone.subnet} overlaps {name}'s {other}"
                yield document.problem(("zones", index, "subnet"), wrong, "choose a free part of 0.0.0.0/16")
        taken.append((zone.name, net))


def unique_names(document: Document, file: CloudFile) -> Iterator[Problem]:
    """Zones, services, replication classes and groups are each named once; services lie in declared zones."""
    lists = {
        ("zones",): [zone.name for zone in file.zones],
        ("services",): [service.name for service in file.services],
        ("replication", "classes"): [item.name for item in file.replication.classes],
        ("replication", "legs"): list(file.replication.legs),
        ("standard_system", "groups"): [group.group for group in file.standard_system.groups],
    }
    for path, names in lists.items():
        for index, name in enumerate(names):
            if name in names[:index]:
                yield document.problem((*path, index), f"{name!r} is there twice", "name each once")
    zones = {zone.name for zone in file.zones}
    for index, service in enumerate(file.services):
        if service.zone not in zones:
            yield document.problem(
                ("services", index, "zone"), f"zone {service.zone!r} does not exist", one_of(zones)
            )


def replication_is_possible(document: Document, file: CloudFile) -> Iterator[Problem]:
    """Legs start at edges that exist; guarantees fit the link; exactly one class takes what no port names."""
    edges = edge_names(file)
    for index, leg in enumerate(file.replication.legs):
        if leg not in edges:
            yield document.problem(("replication", "legs", index), f"{leg!r} does not exist", one_of(edges))
    classes = file.replication.classes
    total = sum(item.guarantee.value for item in classes)
    if total > 100:
        wrong = f"guarantees add up to {total:g}%"
        yield document.problem(("replication", "classes"), wrong, "give away 100% or less")
    rest = [item.name for item in classes if not item.ports]
    if len(rest) != 1:
        wrong = f"{len(rest)} classes without ports"
        yield document.problem(("replication", "classes"), wrong, "leave exactly one, for what no port names")


def business_groups_add_up(document: Document, file: CloudFile) -> Iterator[Problem]:
    """No group meets more requirements than it has."""
    for index, group in enumerate(file.standard_system.groups):
        if group.met > group.requirements:
            path = ("standard_system", "groups", index, "met")
            yield document.problem(
                path, f"{group.met} met of {group.requirements}", "met is the smaller number"
            )


def host_groups(
    document: Document, path: Path_, groups: tuple[HostGroup, ...], file: CloudFile
) -> Iterator[Problem]:
    """A site's host groups lie in zones that exist and share no address."""
    yield from zones_exist(document, path, groups, file)
    yield from host_addresses(document, path, groups)


def host_addresses_of(cities: list[Declared]) -> Iterator[Problem]:
    """No two hosts of one city share an address."""
    for city in cities:
        yield from host_addresses(city.document, ("hosts",), city.model.hosts)


def zones_exist(
    document: Document, path: Path_, groups: tuple[HostGroup, ...], file: CloudFile
) -> Iterator[Problem]:
    """Each group's zone is declared."""
    zones = {zone.name for zone in file.zones}
    for index, group in enumerate(groups):
        if group.zone not in zones:
            yield document.problem(
                (*path, index, "zone"), f"zone {group.zone!r} does not exist", one_of(zones)
            )


def host_addresses(document: Document, path: Path_, groups: tuple[HostGroup, ...]) -> Iterator[Problem]:
    """The ranges ``at`` to ``at + count - 1`` of one site lie apart: they are management addresses too."""
    for (_, one), (index, other) in itertools.combinations(enumerate(groups), 2):
        if one.at < other.at + other.count and other.at < one.at + one.count:
            wrong = f"at {other.at} meets {one.role}'s {one.at} to {one.at + one.count - 1}"
            yield document.problem((*path, index, "at"), wrong, "choose numbers that are free at this site")


def lines_land_apart(city: Declared, file: CloudFile) -> Iterator[Problem]:
    """A city has as many lines as the rules say, each on an edge router of its own."""
    lines, edges = city.model.lines, edge_names(file)
    if len(lines) != file.lines_per_city:
        wrong = f"{len(lines)} line(s)"
        yield city.document.problem(
            ("lines",), wrong, f"lines_per_city in cloud.yaml says {file.lines_per_city}"
        )
    landed: set[str] = set()
    for index, line in enumerate(lines):
        path = ("lines", index, "lands_on")
        if line.lands_on not in edges:
            yield city.document.problem(path, f"{line.lands_on!r} does not exist", one_of(edges))
        elif line.lands_on in landed:
            wrong = f"two lines land on {line.lands_on}"
            yield city.document.problem(
                path, wrong, "land each on another edge, so that one dead edge is not both"
            )
        landed.add(line.lands_on)


def services_exist(city: Declared, file: CloudFile) -> Iterator[Problem]:
    """A city is entitled only to services that exist."""
    known = {service.name for service in file.services}
    for index, name in enumerate(city.model.services):
        path = ("services", index)
        if name not in known:
            yield city.document.problem(path, f"service {name!r} does not exist", one_of(known))
        elif name in city.model.services[:index]:
            yield city.document.problem(path, f"service {name!r} is there twice", "name each once")


def edge_names(file: CloudFile) -> set[str]:
    """The data center's edge routers."""
    return {DC_EDGES.format(number) for number in range(1, file.data_center.edges + 1)}


def one_of(names: Iterable[str]) -> str:
    """The closing half of a message about a reference."""
    return f"there are: {', '.join(sorted(names))}"
