"""Rules for the hosts of one site, be it a center or a city hall."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from inventory.document import Document
from inventory.model import CloudFile, HostGroup
from inventory.problem import Problem
from inventory.rules.declared import one_of, tolerant
from inventory.yaml_reader import KeyPath

ROUTER_ROLES = ("ce", "edge")
"""The routers are not declared as hosts: each site has those it needs."""


def hosts_fit(
    document: Document, path: KeyPath, groups: tuple[HostGroup, ...], file: CloudFile
) -> Iterator[Problem]:
    """The ``groups`` that stand at ``path`` are possible, each by itself and all together."""
    for index, group in enumerate(groups):
        yield from tolerant(zone_exists(document, (*path, index, "zone"), group, file))
        yield from tolerant(role_is_free(document, (*path, index, "role"), group))
    for (_, one), (index, other) in itertools.combinations(enumerate(groups), 2):
        yield from tolerant(addresses_are_free(document, (*path, index, "at"), one, other))


def zone_exists(document: Document, path: KeyPath, group: HostGroup, file: CloudFile) -> Iterator[Problem]:
    """The group's zone is declared."""
    zones = [zone.name for zone in file.zones]
    if group.zone not in zones:
        yield document.problem(path, f"zone {group.zone!r} does not exist", one_of(zones))


def role_is_free(document: Document, path: KeyPath, group: HostGroup) -> Iterator[Problem]:
    """No host is called like a router."""
    if group.role in ROUTER_ROLES:
        yield document.problem(path, f"role {group.role!r} is the routers'", "choose another role")


def addresses_are_free(
    document: Document, path: KeyPath, one: HostGroup, other: HostGroup
) -> Iterator[Problem]:
    """The ranges ``at`` to ``at + count - 1`` of a site lie apart: they are management addresses too."""
    last, other_last = one.at + one.count - 1, other.at + other.count - 1
    if one.at <= other_last and other.at <= last:
        wrong = f"{span(other.at, other_last)} meets {one.role}'s {span(one.at, last)}"
        yield document.problem(path, wrong, "choose numbers that are free at this site")


def span(first: int, last: int) -> str:
    """A range of numbers in words."""
    return str(first) if first == last else f"{first} to {last}"
