"""The running stack: every planned host reached by ssh, and what is seen there, asked for once (observation.py).

Tests take a host by the name of a parameter (``any_host``, ``router``, ``server``, ``terminal``): each runs for
every host of that kind, and hosts of one site stay on one worker (``pytest -n 4 --dist loadgroup``).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import testinfra

from inventory.load import load
from inventory.plan import plan
from inventory.topology import Host, Topology
from tests.hosts import observation

ROOT = Path(__file__).parents[2]
SSH_CONFIG = ROOT / ".lab" / "ssh_config"
MEASUREMENTS = ROOT / ".lab" / "measurements"

KINDS: dict[str, Callable[[Host], bool]] = {
    "any_host": lambda _: True,
    "router": lambda host: host.is_router,
    "server": lambda host: not host.is_router and host.routing is not None,
    "terminal": lambda host: host.routing is None,
    "names_host": lambda host: host.role in {"app", "pc", "print"},
}

OBSERVED = {
    "addresses": "ip -j address",
    "routes": "ip -j route",
    "listening": "ss -Hlntu",
    "failed": "systemctl --failed --no-legend --plain",
    "active": "systemctl is-active ssh systemd-networkd nftables bird shaping",
    "sshd": "sshd -T",
    "sysctl": "sysctl -a 2>/dev/null | grep -E '^net.ipv[46].(conf|ip_forward|fib_)'",
    "classes": "for d in $(ls /sys/class/net); do tc class show dev $d | sed s/^/$d:/; done",
    "rules": "nft -j list ruleset",
    "timezone": "readlink /etc/localtime",
    "clock": "date +%s",
    "names": "cat /etc/hosts",
    "journal": "systemd-analyze cat-config systemd/journald.conf",
    "leftover": "ls /var/lib/file_set",
    "sessions": "test -S /run/bird/bird.ctl && /usr/local/lib/omi-routing/bird_sessions.py",
    "unheard": "ip -j route show table 253",
}
"""What is asked of a host, all in one connection: name to command."""

ASKED_ONCE = {**OBSERVED, "certificates": observation.CERTIFICATES}
"""What every host is asked once a run. `settles` asks OBSERVED alone again."""
LONG_GROUPS = ("incus", "desktops", "walls", "secrets", "monitoring")
"""Groups that work for long whatever the others do: they begin first, and end while the others run."""
STARTED = time.time()


def declaration() -> Path | None:
    """The folder of the declaration that the lab is built from (`omi lab test` and `. .lab/env` set the variable)."""
    named = os.environ.get("OMI_INVENTORY")
    return Path(named) if named else None


@cache
def declared() -> Topology:
    """The plan of the declared cloud."""
    return plan(load(declaration()))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a host of the kind that a test asks for, or one a city (``city_name``)."""
    if "city_name" in metafunc.fixturenames:
        metafunc.parametrize("city_name", [site.name for site in declared().cities])
    for kind, belongs in KINDS.items():
        if kind in metafunc.fixturenames:
            hosts = [host for host in declared().hosts() if host.platform == "incus" and belongs(host)]
            group = pytest.mark.xdist_group
            metafunc.parametrize(kind, [pytest.param(h, id=h.name, marks=group(h.site)) for h in hosts])


@pytest.fixture(scope="session")
def topology() -> Topology:
    """The plan of the declared cloud."""
    return declared()


@cache
def connection(name: str) -> Any:
    """testinfra's host ``name``, by the stack's own ssh_config."""
    return testinfra.get_host(f"ssh://{name}", ssh_config=str(SSH_CONFIG))


@pytest.fixture(scope="session")
def on() -> Callable[[str], Any]:
    """testinfra's host by name."""
    return connection


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that work for long first (with `--no-loadscope-reorder`, xdist keeps that order)."""

    def turn(item: pytest.Item) -> int:
        marks = [mark.args[0] for mark in item.iter_markers("xdist_group")]
        return min(
            (LONG_GROUPS.index(name) for name in marks if name in LONG_GROUPS), default=len(LONG_GROUPS)
        )

    items.sort(key=turn)


def observe(name: str, commands: Mapping[str, str] = OBSERVED) -> dict[str, str]:
    """Every command's output on the host ``name``, now."""
    return observation.read(connection(name).run(observation.script(commands)).stdout)


@cache
def observed_once(name: str) -> dict[str, str]:
    """Every command's output on the host ``name``, as it was at the first asking of this worker."""
    return observe(name, ASKED_ONCE)


@pytest.fixture(scope="session")
def seen(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[Host], dict[str, str]]:
    """What is seen on a host: output of each command of ASKED_ONCE. All hosts are asked once for all workers."""
    own = tmp_path_factory.getbasetemp()
    of_the_run = own if worker_id == "master" else own.parent
    names = observation.hosts_of(request.session.items)
    gathered = observation.once(
        of_the_run / "observation.json",
        lambda: observation.gather(names, lambda name: observe(name, ASKED_ONCE)),
    )

    def look(host: Host) -> dict[str, str]:
        found: dict[str, str] = gathered.get(host.name) or observed_once(host.name)
        if observation.UNREACHED in found:
            pytest.fail(found[observation.UNREACHED], pytrace=False)
        return found

    return look


@pytest.fixture(scope="session")
def settles(seen: Callable[[Host], dict[str, str]]) -> Callable[..., None]:
    """``settles(host, look, wanted)``: what ``look`` makes of the observation becomes ``wanted`` within 30 s.

    Sessions take a moment after the routers were configured or started; whatever differs then is a fault.
    """

    def wait(host: Host, look: Callable[[dict[str, str]], Any], wanted: Any, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        found = look(seen(host))
        while found != wanted and time.monotonic() < deadline:
            time.sleep(1)
            found = look(observe(host.name))
        assert found == wanted

    return wait


def preferred(host: Host, prefix: str, kinds: set[str]) -> tuple[int, set[tuple[str, str]]]:
    """The best preference at which ``host`` learns ``prefix`` over ``kinds``, and each way's (address, card)."""
    assert host.routing is not None
    peers = [peer for peer in host.routing.peers if peer.kind in kinds and prefix in peer.accept]
    best = max((peer.preference for peer in peers), default=-1)
    return best, {(peer.address, peer.interface) for peer in peers if peer.preference == best}


OUTSIDE = {"line", "access", "replication"}


def learned_prefixes(site_routers: tuple[Host, ...]) -> set[str]:
    """Every prefix that some of the routers believes from outside."""
    peers = [peer for router in site_routers if router.routing for peer in router.routing.peers]
    return {prefix for peer in peers if peer.kind in OUTSIDE for prefix in peer.accept}


def router_routes(topology: Topology, router: Host) -> dict[str, set[tuple[str, str]]]:
    """The routes a router should have learned: prefix to ways. Its own way wins where it is as good as another's."""
    routers = topology.site(router.site).routers()
    assert router.routing is not None
    beside = {
        peer.name: (peer.address, peer.interface) for peer in router.routing.peers if peer.kind == "edge"
    }
    routes = {}
    for prefix in learned_prefixes(routers):
        own, ways = preferred(router, prefix, OUTSIDE)
        others = {edge.name: preferred(edge, prefix, OUTSIDE)[0] for edge in routers if edge.name in beside}
        best = max([own, *others.values()])
        routes[prefix] = ways if own == best else {beside[name] for name, p in others.items() if p == best}
    return routes


def server_routes(topology: Topology, server: Host) -> dict[str, set[tuple[str, str]]]:
    """The routes a server should have: over each edge router that has the best way of its own."""
    site = topology.site(server.site)
    card = server.interfaces[0].name
    zone = {other.zones[server.zone] for other in topology.sites if server.zone in other.zones}
    routes = {}
    for prefix in learned_prefixes(site.routers()) & zone:
        ways = {edge.name: preferred(edge, prefix, OUTSIDE)[0] for edge in site.routers()}
        routes[prefix] = {
            (edge.interface(card).address.split("/")[0], card)
            for edge in site.routers()
            if ways[edge.name] == max(ways.values())
        }
    return routes


@pytest.fixture(scope="session")
def planned_routes(topology: Topology) -> Callable[[Host], dict[str, set[tuple[str, str]]]]:
    """Learned routes a host should have in its kernel's table: prefix to the set of (next hop, card)."""
    return lambda host: (router_routes if host.is_router else server_routes)(topology, host)


def kernel_routes(observation: dict[str, str]) -> dict[str, set[tuple[str, str]]]:
    """Learned routes in the kernel's table: prefix to the set of (next hop, card) that are alive."""
    return {
        route["dst"]: {
            (way["gateway"], way["dev"])
            for way in route.get("nexthops", [route])
            if not {"dead", "linkdown"} & set(way.get("flags", []))
        }
        for route in json.loads(observation["routes"])
        if route.get("protocol") == "bird"
    }


@pytest.fixture(scope="session")
def learned() -> Callable[[dict[str, str]], dict[str, set[tuple[str, str]]]]:
    """Reads the kernel's learned routes out of an observation."""
    return kernel_routes


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the tables of what was measured in this run."""
    for file in sorted(MEASUREMENTS.glob("*.json")):
        if file.stat().st_mtime >= STARTED:
            report = json.loads(file.read_text())
            terminalreporter.section(report["title"])
            for line in table(report["rows"]):
                terminalreporter.write_line(line)


def table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """``rows`` (all with the same keys) as lines of aligned columns."""
    columns = list(rows[0]) if rows else []
    cells = [columns, *([str(row[column]) for column in columns] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    for line in cells:
        yield "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
