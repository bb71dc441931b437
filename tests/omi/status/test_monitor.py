"""From exporters through a real Prometheus to the page: what breaks is there, what is mended is gone again."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from inventory import monitoring
from inventory.load import load
from inventory.model import Cloud
from inventory.plan import plan
from inventory.topology import Topology
from omi.status import findings, gather
from omi.status.facts import Facts
from omi.status.prometheus import Answer
from tests.omi.status.conftest import Asked, World, broker, database, proxy

NOW = 2_000_000_000.0


def fires(name: str) -> Callable[[dict[str, Answer]], bool]:
    """Whether the alert of this name does."""
    return lambda answers: name in names(answers)


def names(answers: dict[str, Answer]) -> set[str]:
    """The alerts that fire."""
    return {one.name for one in gather.firing(answers)}


@cache
def asked() -> int:
    """How many targets the data center's monitor has."""
    topology = plan(load())
    jobs = monitoring.configuration(topology, topology.host("dc-monitor1"))["scrape_configs"]
    return sum(len(job["static_configs"]) for job in jobs)


def quiet(answers: dict[str, Answer]) -> bool:
    """It judges, has seen every host, and nothing fires."""
    judges = any(one.judges for one in gather.monitors(answers))
    return judges and not names(answers) and len(answers["dc-monitor1"].series["up"]) == asked()


@pytest.fixture
def facts(cloud: Cloud, topology: Topology) -> Callable[[dict[str, Answer]], Facts]:
    """The facts in some answers."""
    return lambda answers: gather.facts(cloud, topology, answers, {}, None, NOW)


def test_where_all_is_well_nothing_fires(
    until: Asked, facts: Callable[[dict[str, Answer]], Facts], topology: Topology
) -> None:
    # a host that was asked for nothing yet is missing, and no alert
    seen = facts(until(lambda answers: quiet(answers) and not any(p.missing for p in facts(answers).places)))
    assert seen.alerts == ()
    places = {one.site: one.missing for one in seen.places}
    assert places == {"dc": (), "bc": None}, "the other center is asked by its own monitor"
    cities = [one for one in seen.lines if one.kind == "line"]
    assert len(cities) == 2 * len(topology.cities)
    assert all(one.up for one in cities)
    roles = {one.host: one.role for one in seen.databases}
    assert roles == {"dc-db1": "primary", "dc-db2": "second node", "bc-db1": "standby leader"}
    assert [one.behind for one in seen.databases] == [None, 0, 0]


def test_a_monitor_that_is_silent_is_red_and_says_why(
    until: Asked, facts: Callable[[dict[str, Answer]], Facts]
) -> None:
    own, other = facts(until(quiet)).monitors
    assert findings.of_monitor(own) == "good"
    assert findings.of_monitor(other) == "red"
    assert "No route to host" in (other.problem or "")


def test_a_line_that_is_cut_is_on_the_page_until_it_is_repaired(
    until: Asked, world: World, facts: Callable[[dict[str, Answer]], Facts], topology: Topology
) -> None:
    until(quiet)
    link = next(link for link in topology.site("konan").links if link.kind == "line")
    peer = f'peer="konan-ce1",kind="line",interface="{link.far_interface}"'
    world.change("node", link.far, f"omi_bfd_up{{{peer}}} 1", f"omi_bfd_up{{{peer}}} 0")
    seen = facts(until(fires("LineDown")))
    assert [(one.name, one.about) for one in seen.alerts or ()] == [
        ("LineDown", (link.far, "konan-ce1", link.far_interface))
    ]
    down = [(one.site, one.far) for one in seen.lines if one.up is False]
    assert down == [("konan", link.far)]
    world.heal()
    until(quiet)


FAULTS: dict[str, Callable[[World], None]] = {
    "HostDown": lambda world: world.shown.pop(("node", "dc-app1")) and None,
    "MonitorDown": lambda world: world.shown.pop(("monitor", "bc-monitor1")) and None,
    "DatabaseUnprotected": lambda world: world.shown.pop(("database", "bc-db1")) and None,
    "DatabaseWithoutPrimary": lambda world: world.shown.update({("database", "dc-db1"): database(running=0)}),
    "PoolFull": lambda world: world.shown.update({("proxy", "dc-proxy1"): proxy(99)}),
    "DesktopHostLost": lambda world: world.shown.update(
        {("broker", "dc-broker1"): list(broker(world.topology, lost="dc-desk2"))}
    ),
    "DesktopsFull": lambda world: (
        [
            world.change("node", f"dc-desk{number}", "omi_desktop_sessions 3", "omi_desktop_sessions 28")
            for number in (1, 2, 3)
        ]
        and None
    ),
    "DiskFull": lambda world: world.change(
        "node",
        "dc-db1",
        'node_filesystem_avail_bytes{mountpoint="/"} 500',
        'node_filesystem_avail_bytes{mountpoint="/"} 9',
    ),
    "ServiceDown": lambda world: world.change(
        "node",
        "dc-db2",
        'node_systemd_unit_state{name="patroni.service",state="active"} 1',
        'node_systemd_unit_state{name="patroni.service",state="active"} 0',
    ),
}


def test_each_fault_has_its_alert_and_it_clears(until: Asked, world: World) -> None:
    """All at once, because each is looked for by its own name."""
    until(quiet)
    for fault in FAULTS.values():
        fault(world)
    until(lambda answers: set(FAULTS) <= names(answers))
    world.heal()
    until(quiet)
