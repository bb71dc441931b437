"""Rated interfaces are shaped to the declared rate, with the declared classes; the others are not."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.live

SHARE = 0.99
"""Of the declared rate: what the router fills, so that the queue is its own and not the carrier's."""
UNITS = {"bit": 1, "Kbit": 10**3, "Mbit": 10**6, "Gbit": 10**9}
CLASS = re.compile(r"^(\S+):class htb 1:(\w+) .*?(?:prio (\d+) )?rate (\d+)(\w+) ceil (\d+)(\w+) ")


def classes(observation):
    """Interface to its classes: minor number to (priority, rate, ceiling in bit/s)."""
    found: dict[str, dict[str, tuple[int, int, int]]] = {}
    for line in observation["classes"].splitlines():
        match = CLASS.match(line)
        if match:
            card, minor, priority, rate, unit, ceiling, ceiling_unit = match.groups()
            values = (int(priority or 0), int(rate) * UNITS[unit], int(ceiling) * UNITS[ceiling_unit])
            found.setdefault(card, {})[minor] = values
    return found


def planned(host):
    """The same from the plan. 1:1 is the whole interface, 1:2 what the router itself says to its neighbours."""
    wanted: dict[str, dict[str, tuple[int, int, int]]] = {}
    for interface in host.interfaces:
        if interface.rate_bps:
            rate = round(interface.rate_bps * SHARE)
            declared = host.routing.classes.get(interface.name, ())
            shares = [
                (c.priority + 1, round(c.guarantee_bps * SHARE), round(c.ceiling_bps * SHARE))
                for c in declared
            ] or [(1, rate, rate)]
            own = {"1": (0, rate, rate), "2": (0, 1_000_000, rate)}
            wanted[interface.name] = {**own, **{f"{16 + n:x}": share for n, share in enumerate(shares)}}
    return wanted


def test_rated_interfaces_have_the_declared_classes_and_no_other_is_shaped(any_host, seen):
    wanted = planned(any_host) if any_host.is_router else {}
    assert classes(seen(any_host)) == wanted


def test_a_city_line_is_declared_at_one_gigabit(topology):
    """The number that the measured goodput is held against."""
    assert {link.rate_bps for link in topology.links() if link.kind == "line"} == {1_000_000_000}
