"""Rules for the CS servers: there is a pair, in one zone, and their virtual address is nobody's."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.cs_plan import ROLE
from inventory.model import CloudFile, HostGroup
from inventory.problem import Problem
from inventory.rules.declared import Declared, tolerant
from inventory.rules.hosts import span

LEAST_FAILOVER_S = 2.5
"""1.4 s until a stuck service's address has moved (role cs_server: half a second to the next question, two answers
waited for, the move), 0.8 s until a city no longer waits for the one that is stuck, and the next connection."""


def cs_servers_fit(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """The address can move between hosts that exist, and no host has it for good."""
    yield from tolerant(there_is_a_pair(cloud))
    for group in cloud.model.data_center.hosts:
        yield from tolerant(address_is_free(cloud, group))
    yield from tolerant(fails_over_at_all(cloud))


def there_is_a_pair(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """Two hosts or more have the role, all in one zone: an address does not leave its network."""
    groups = [group for group in cloud.model.data_center.hosts if group.role == ROLE]
    hosts, zones = sum(group.count for group in groups), {group.zone for group in groups}
    if hosts < 2 or len(zones) > 1:
        wrong = f"{hosts} host(s) of role {ROLE} in {len(zones)} zone(s) to share an address"
        yield cloud.document.problem(("cs",), wrong, "declare two or more in one zone of the data center")


def address_is_free(cloud: Declared[CloudFile], group: HostGroup) -> Iterator[Problem]:
    """No host has the number."""
    at, last = cloud.model.cs.at, group.at + group.count - 1
    if group.at <= at <= last:
        wrong = f"{at} is among {group.role}'s {span(group.at, last)}"
        yield cloud.document.problem(("cs", "at"), wrong, "choose a number that is free at this site")


def fails_over_at_all(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """The promise is one that can be kept: a service that is stuck is asked twice before its address moves."""
    promised = cloud.model.cs.failover.base
    if promised < LEAST_FAILOVER_S:
        wrong = f"{promised:g} s is less than finding the fault takes"
        yield cloud.document.problem(("cs", "failover"), wrong, f"write {LEAST_FAILOVER_S} s or more")
