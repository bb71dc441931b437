"""Rules for cloud.yaml."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from netaddr import IPNetwork

from inventory import addressing
from inventory.model import CloudFile
from inventory.problem import Problem
from inventory.quantity import FaultyFieldError
from inventory.rules.business import business_rules
from inventory.rules.cs import cs_servers_fit
from inventory.rules.databases import database_rules
from inventory.rules.declared import Declared, edge_names, one_of
from inventory.rules.hosts import hosts_fit
from inventory.rules.openings import openings_make_sense
from inventory.yaml_reader import KeyPath

RESERVED_ZONES = ("access", "core", "mgmt")
"""What every site calls networks of its own."""
LEAST_GUARANTEE = 1
"""Per cent. HTB has no class without a rate."""
MOST_GUARANTEED = 100 + 1e-6
"""Per cent that classes may have together; the little more is what adding up decimals may err."""

NAMED: tuple[tuple[KeyPath, Callable[[CloudFile], Iterable[str]]], ...] = (
    (("zones",), lambda file: (zone.name for zone in file.zones)),
    (("services",), lambda file: (service.name for service in file.services)),
    (("replication", "legs"), lambda file: file.replication.legs),
    (("replication", "classes"), lambda file: (one.name for one in file.replication.classes)),
    (("standard_system", "groups"), lambda file: (group.group for group in file.standard_system.groups)),
    (("drills",), lambda file: (drill.name for drill in file.drills)),
)
"""Lists whose items are told apart by name."""


def cloud_rules(cloud: Declared[CloudFile]) -> Iterator[Iterator[Problem]]:
    """The rules for cloud.yaml."""
    yield zone_names_are_free(cloud)
    yield zones_do_not_overlap(cloud)
    for path, names in NAMED:
        yield named_once(cloud, path, names)
    yield services_have_zones(cloud)
    yield lines_can_land_apart(cloud)
    yield legs_start_at_edges(cloud)
    yield guarantees_fit(cloud)
    yield ports_decide(cloud)
    yield requirements_met_were_there(cloud)
    yield from business_rules(cloud)
    yield shared_hosts_fit(cloud)
    yield second_copies_fit(cloud)
    yield cs_servers_fit(cloud)
    yield openings_make_sense(cloud)
    yield from database_rules(cloud)


def zone_names_are_free(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """No zone is called like a network that every site has anyway."""
    for index, zone in enumerate(cloud.model.zones):
        with suppress(FaultyFieldError):
            if zone.name in RESERVED_ZONES:
                wrong = f"name {zone.name!r} is taken"
                yield cloud.document.problem(("zones", index, "name"), wrong, "choose another name")


def zones_do_not_overlap(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """No zone lies in another one or in what every site keeps for itself."""
    taken = [(name, IPNetwork(subnet)) for name, subnet in addressing.RESERVED.items()]
    for index, zone in enumerate(cloud.model.zones):
        with suppress(FaultyFieldError):
            net = IPNetwork(zone.subnet)
            for name, other in taken:
                if net in other or other in net:
                    wrong = f"subnet {zone.subnet} overlaps {name}'s {other}"
                    right = "choose a free part of 0.0.0.0/16"
                    yield cloud.document.problem(("zones", index, "subnet"), wrong, right)
            taken.append((getattr(zone, "name", f"zone {index + 1}"), net))


def named_once(
    cloud: Declared[CloudFile], path: KeyPath, names: Callable[[CloudFile], Iterable[str]]
) -> Iterator[Problem]:
    """No name of the list at ``path`` comes twice."""
    seen: set[str] = set()
    for index, name in enumerate(names(cloud.model)):
        if name in seen:
            yield cloud.document.problem((*path, index), f"{name!r} is there twice", "name each once")
        seen.add(name)


def services_have_zones(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """Services lie in declared zones."""
    zones = [zone.name for zone in cloud.model.zones]
    for index, service in enumerate(cloud.model.services):
        with suppress(FaultyFieldError):
            if service.zone not in zones:
                wrong = f"zone {service.zone!r} does not exist"
                yield cloud.document.problem(("services", index, "zone"), wrong, one_of(zones))


def lines_can_land_apart(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """There is an edge router for each line of a city."""
    lines, edges = cloud.model.lines_per_city, cloud.model.data_center.edges
    if lines > edges:
        wrong = f"{lines} lines a city, but only {edges} edges for them to land apart"
        yield cloud.document.problem(
            ("lines_per_city",), wrong, f"write {edges} or less, or declare more edges"
        )


def legs_start_at_edges(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """Each replication leg starts at an edge router that exists."""
    edges = edge_names(cloud.model)
    for index, leg in enumerate(cloud.model.replication.legs):
        if leg not in edges:
            path = ("replication", "legs", index)
            yield cloud.document.problem(path, f"{leg!r} does not exist", one_of(edges))


def guarantees_fit(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """Each replication class is guaranteed something, and all together no more than there is."""
    total = 0.0
    for index, one in enumerate(cloud.model.replication.classes):
        value = one.guarantee.value
        total += value
        if value < LEAST_GUARANTEE:
            path = ("replication", "classes", index, "guarantee", "value")
            right = f"write {LEAST_GUARANTEE} or more: a class that gets nothing is no class"
            yield cloud.document.problem(path, f"a guarantee of {value:g}%", right)
    if total > MOST_GUARANTEED:
        wrong = f"guarantees add up to {total:g}%"
        yield cloud.document.problem(("replication", "classes"), wrong, "give away 100% or less")


def ports_decide(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """A port belongs to one class, and exactly one class takes what no port names."""
    classes = cloud.model.replication.classes
    owner: dict[int, str] = {}
    for index, one in enumerate(classes):
        for place, port in enumerate(one.ports):
            if port in owner:
                path = ("replication", "classes", index, "ports", place)
                yield cloud.document.problem(path, f"port {port} is {owner[port]}'s", "name each port once")
            owner.setdefault(port, one.name)
    rest = sum(1 for one in classes if not one.ports)
    if rest != 1:
        wrong = f"{rest} classes without ports"
        right = "leave exactly one without, for what no port names"
        yield cloud.document.problem(("replication", "classes"), wrong, right)


def requirements_met_were_there(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """No group meets more requirements than it has."""
    for index, group in enumerate(cloud.model.standard_system.groups):
        with suppress(FaultyFieldError):
            if group.met > group.requirements:
                path = ("standard_system", "groups", index, "met")
                wrong = f"{group.met} met of {group.requirements}"
                yield cloud.document.problem(path, wrong, f"write {group.requirements} or less")


def shared_hosts_fit(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """The data center's hosts are possible."""
    path = ("data_center", "hosts")
    yield from hosts_fit(cloud.document, path, cloud.model.data_center.hosts, cloud.model)


def second_copies_fit(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """The backup center's hosts are possible."""
    path = ("backup_center", "hosts")
    yield from hosts_fit(cloud.document, path, cloud.model.backup_center.hosts, cloud.model)
