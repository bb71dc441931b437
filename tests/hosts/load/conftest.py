"""Loading and breaking the running stack, in its own namespace and for seconds; everything is undone."""

from __future__ import annotations

import fcntl
import json
import shlex
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from inventory.load import load
from inventory.plan import plan
from inventory.topology import Host, Site, Topology
from lab.paths import LabPaths
from omi.drill import faults
from omi.drill.reach import Lab
from tests.hosts.conftest import declaration

ROOT = Path(__file__).parents[3]
SSH = ["ssh", "-F", str(ROOT / ".lab" / "ssh_config")]
MEASUREMENTS = ROOT / ".lab" / "measurements"
PROBE = Path(__file__).with_name("probe.py").read_text()

TCP_PORT, FIRST_UDP_PORT, LAST_PORT = 5201, 5210, 5299
STOP = "systemctl stop measurement 2>/dev/null || true"
"""Also first: a run that was killed may have left it."""
FIRST_SOURCE_PORT = 40000
INTERVAL = 0.02
"""Seconds between two probes of a flow."""


@dataclass(frozen=True)
class Pair:
    """A city's terminal and the data center's server that talk to each other; one UDP port a city."""

    city: Site
    terminal: Host
    server: Host

    @property
    def port(self) -> int:
        """The UDP port of this city's probes, at both ends."""
        return FIRST_UDP_PORT + self.city.octet % 80


def address(host: Host) -> str:
    """The host's address in its zone."""
    return host.interfaces[0].address.split("/")[0]


def run_on(name: str, command: str, given: str | None = None, seconds: float = 60) -> str:
    """Standard output of ``command`` on the host ``name``. Raises CalledProcessError, with what it said."""
    done = subprocess.run(
        [*SSH, name, command], input=given, capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, f"{name}: {command[:80]}: {done.stderr.strip() or done.stdout.strip()}"
    return done.stdout


def everywhere(names: list[str], command: str) -> None:
    """Run ``command`` on all the hosts, several at a time."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: run_on(name, command), names))


@pytest.fixture(scope="session")
def ask() -> Callable[..., str]:
    """``ask(host name, command)``: its output, or an assertion with what it said."""
    return run_on


@pytest.fixture(scope="session")
def pairs(topology: Topology) -> dict[str, Pair]:
    """For each city, a terminal and a server of the same zone."""
    server = next(host for host in topology.data_center.hosts if host.zone == "kikan")
    chosen = {}
    for city in topology.cities:
        terminal = next(host for host in city.hosts if host.zone == "kikan")
        chosen[city.name] = Pair(city, terminal, server)
    return chosen


@pytest.fixture(scope="session", autouse=True)
def alone() -> Iterator[None]:
    """One run at a time may load the lab: two would measure each other, and one would undo what the other set up."""
    with (LabPaths.from_environment().run / "load.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pytest.exit("another run is loading this lab; wait until it has ended", returncode=3)
        yield


@pytest.fixture(scope="session")
def measuring(pairs: dict[str, Pair]) -> Iterator[dict[str, Pair]]:
    """The pairs, with the measurement's ports open at their ends and an iperf3 server; closed again afterwards."""
    ends = sorted({pair.terminal.name for pair in pairs.values()} | {p.server.name for p in pairs.values()})
    server = next(iter(pairs.values())).server.name
    ports = f"meta l4proto {{ tcp, udp }} th dport {TCP_PORT}-{LAST_PORT}"
    opening = f"nft insert rule inet filter input {ports} accept comment measurement"
    try:
        everywhere(ends, f"nft -f /etc/nftables.conf && {opening}")
        run_on(server, f"{STOP}; systemd-run --quiet --collect --unit measurement iperf3 -s -p {TCP_PORT}")
        yield pairs
    finally:
        run_on(server, STOP)
        everywhere(ends, "nft -f /etc/nftables.conf")


@dataclass(frozen=True)
class Heard:
    """What became of one flow's datagrams."""

    sent: int
    received: int
    longest: float
    """Seconds between two arrivals, at most."""


Flows = dict[str, Heard]


@contextmanager
def probing(flows: dict[str, tuple[Pair, int]], seconds: float) -> Iterator[Callable[[], dict[str, Flows]]]:
    """Probe both ways for ``seconds`` while the body runs. ``flows``: city to (pair, flows a direction).

    Yields a function to call at the end: city to flow name (``up 3``, ``down 0``) to what was heard. The body begins
    when sending does.
    """
    start = time.time() + 1.5
    orders: dict[str, dict[str, Any]] = {}
    for pair, count in flows.values():
        for end, other, way in ((pair.terminal, pair.server, "up"), (pair.server, pair.terminal, "down")):
            order = orders.setdefault(
                f"{end.name} {pair.port}", {"host": end.name, "port": pair.port, "flows": []}
            )
            order["flows"] += [
                {
                    "name": f"{pair.city.name} {way} {n}",
                    "source": "",
                    "to": address(other),
                    "port": pair.port,
                    "source_port": FIRST_SOURCE_PORT + 100 * (pair.city.octet % 80) + n,
                }
                for n in range(count)
            ]
    common = {"start": start, "seconds": seconds, "interval": INTERVAL}
    with ThreadPoolExecutor(len(orders)) as pool:
        answers = [
            pool.submit(
                run_on, order["host"], "python3 - " + shlex.quote(json.dumps({**order, **common})), PROBE
            )
            for order in orders.values()
        ]
        time.sleep(max(0.0, start - time.time()))
        yield lambda: gather([json.loads(answer.result()) for answer in answers])


def gather(reports: list[dict[str, Any]]) -> dict[str, Flows]:
    """The two ends' reports put together."""
    sent = {name: count for report in reports for name, count in report["sent"].items()}
    heard = {name: found for report in reports for name, found in report["heard"].items()}
    together: dict[str, Flows] = {}
    for name, count in sent.items():
        city, _, flow = name.partition(" ")
        found = heard.get(name, {"received": 0, "longest": float("inf")})
        together.setdefault(city, {})[flow] = Heard(count, found["received"], found["longest"])
    return together


@pytest.fixture(scope="session")
def probe() -> Callable[..., Any]:
    """``with probe({city: (pair, flows)}, seconds) as result``: see ``probing``."""
    return probing


@cache
def running_lab() -> Lab:
    """The running lab, as the drills reach it."""
    cloud = load(declaration())
    return Lab(cloud, plan(cloud), LabPaths.from_environment(), ROOT, print)


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The running lab, as the drills reach it."""
    return running_lab()


@contextmanager
def cut_line(network: str, how: str) -> Iterator[None]:
    """Cut the line ``network``: ``silent`` (both ends keep their carrier: only BFD can tell) or ``carrier``."""
    lab = running_lab()
    links = json.loads(lab.in_namespace("ip", "-j", "link", "show", "master", network))
    ports = [link["ifname"] for link in links]
    assert len(ports) == 2, f"{network} should join two routers, it has {ports}"
    parts = [network] if how == "silent" else ports
    try:
        for part in parts:
            faults.cut(lab, part)
        yield
    finally:
        for part in parts:
            faults.mend(lab, part)


@pytest.fixture(scope="session")
def cut() -> Callable[[str, str], Any]:
    """``with cut(network, "silent" or "carrier")``: the line is cut in the body."""
    return cut_line


@contextmanager
def powered_off(host: Host) -> Iterator[Callable[[], None]]:
    """Pull the plug of ``host``. Yields the switch that turns it on again; it is turned on afterwards in any case."""
    lab = running_lab()

    def switch_on() -> None:
        faults.power_on(lab, host.site, [host.name])

    try:
        faults.power_off(lab, host.site, [host.name])
        yield switch_on
    finally:
        switch_on()


@pytest.fixture(scope="session")
def power_off() -> Callable[[Host], Any]:
    """``with power_off(host) as switch_on``: it is dead in the body until switched on."""
    return powered_off


@contextmanager
def unhearing(host: Host) -> Iterator[None]:
    """BFD's packets to ``host`` are dropped at its door; nothing else is."""
    table = "inet deaf"
    hook = "{ type filter hook input priority -200; }"
    try:
        run_on(
            host.name,
            f"nft 'add table {table}; add chain {table} input {hook}; add rule {table} input udp dport 3784 drop'",
        )
        yield
    finally:
        run_on(host.name, f"nft 'add table {table}; delete table {table}'")


@pytest.fixture(scope="session")
def deaf() -> Callable[[Host], Any]:
    """``with deaf(host)``: it hears nothing of its neighbours' BFD in the body."""
    return unhearing


@pytest.fixture(scope="session")
def await_routes(
    learned: Callable[[dict[str, str]], Any], planned_routes: Callable[[Host], Any]
) -> Callable[..., float]:
    """``await_routes(hosts, without=...)``: seconds until each host's kernel has its planned routes.

    ``without`` (a next hop's address or card) is taken out of the plan: a line known to be cut. Fails after 60 s.
    """

    def as_planned(host: Host, without: str | None) -> bool:
        try:
            found = learned({"routes": run_on(host.name, "ip -j route", seconds=5)})
        except (AssertionError, subprocess.TimeoutExpired):
            return False  # it is still starting
        planned = planned_routes(host)
        left = {prefix: {way for way in ways if without not in way} for prefix, ways in planned.items()}
        return bool(found == left)

    def wait(hosts: list[Host], without: str | None = None) -> float:
        begun = time.monotonic()
        # One after the other: asking all of them all the time would take the processor that their sessions live on.
        for host in hosts:
            while not as_planned(host, without):
                assert time.monotonic() - begun < 60, f"not the planned routes: {host.name}"
                time.sleep(0.2)
        took = time.monotonic() - begun
        assert took < 60, f"the planned routes, but too late: {took:.0f} s"
        return took

    return wait


@pytest.fixture(scope="session")
def record() -> Callable[[str, str, dict[str, Any]], None]:
    """``record(file, title, row)``: keep a row of a table; it is printed at the end and kept as JSON."""
    tables: dict[str, dict[str, Any]] = {}

    def add(name: str, title: str, row: dict[str, Any]) -> None:
        table = tables.setdefault(name, {"title": title, "rows": []})
        table["rows"].append(row)
        MEASUREMENTS.mkdir(parents=True, exist_ok=True)
        at = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        document = {**table, "measured_at": at, "summary": summary(table["rows"])}
        (MEASUREMENTS / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")

    return add


def summary(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Least, median and most of every column of numbers."""
    numbers = {
        column: [row[column] for row in rows]
        for column in rows[0]
        if all(isinstance(row[column], int | float) for row in rows)
    }
    return {
        column: {"min": min(values), "median": statistics.median(values), "max": max(values)}
        for column, values in numbers.items()
    }
