"""A real Prometheus with the declared rules, and a world of exporters that the tests can break."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest

from inventory import alerts, monitoring
from inventory.load import load
from inventory.model import Cloud
from inventory.plan import plan
from inventory.topology import Host, Topology
from lab.errors import LabError
from omi.status.prometheus import Answer, ask_all
from tests.ansible.loopback import free_port, needs

DAY = 86400
LONGEST = 60.0
"""Seconds to wait for what must come; a busy machine is slow."""


class World:
    """What each host shows: (job, host) to the lines of its exporter. A host that is not there does not answer."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.shown: dict[tuple[str, str], list[str]] = {}
        self.heal()

    def heal(self) -> None:
        """All is well."""
        for site in monitoring.centers(self.topology):
            for host in site.hosts:
                self.shown["node", host.name] = list(node(self.topology, host))
                if host.role == "proxy":
                    self.shown["proxy", host.name] = proxy(3)
                if host.role == "broker":
                    self.shown["broker", host.name] = list(broker(self.topology))
        self.shown["database", "dc-db1"] = database(primary=1)
        self.shown["database", "dc-db2"] = database(sync=1)
        self.shown["database", "bc-db1"] = database(leader=1)
        self.shown["monitor", "bc-monitor1"] = []

    def change(self, job: str, host: str, old: str, new: str) -> None:
        """One line of an exporter says something else. It must be there."""
        assert old in self.shown[job, host]
        self.shown[job, host] = [new if line == old else line for line in self.shown[job, host]]


def node(topology: Topology, host: Host) -> Iterator[str]:
    """What a healthy host shows."""
    soon = time.time() + 60 * DAY
    exporters = monitoring.exporters(topology, host)
    for service in exporters["services"]:
        yield f'omi_service_expected{{name="{service}"}} 1'
        yield f'node_systemd_unit_state{{name="{service}",state="active"}} 1'
    for one in exporters["peers"]:
        labels = f'peer="{one["peer"]}",kind="{one["kind"]}",interface="{one["interface"]}"'
        yield f"omi_bfd_up{{{labels}}} 1"
        yield f"omi_bfd_downs_total{{{labels}}} 0"
    yield f'omi_certificate_not_after_seconds{{name="{host.role}"}} {soon:.0f}'
    yield f'omi_certificate_not_after_seconds{{name="authority"}} {soon + 900 * DAY:.0f}'
    yield 'node_filesystem_size_bytes{mountpoint="/"} 1000'
    yield 'node_filesystem_avail_bytes{mountpoint="/"} 500'
    if host.role == "cs":
        yield "omi_cs_ready 1"
    if host.role == "desk":
        yield from ("omi_desktop_sessions 3", "omi_desktop_places 30")
        yield from ("omi_desktop_serves 1", "omi_desktop_drained 0")
    if exporters["keeps_backups"]:
        yield "omi_backup_expected 1"
        yield "omi_backup_green 1"
        yield from (f'omi_backup_red{{reason="{reason}"}} 0' for reason in ("backup", "verify", "gap"))
        yield f"omi_backup_checked_seconds {time.time():.0f}"


def proxy(sessions: int) -> list[str]:
    """What a proxy shows."""
    return [
        f'haproxy_frontend_current_sessions{{proxy="databases"}} {sessions}',
        'haproxy_frontend_limit_sessions{proxy="databases"} 100',
        'haproxy_backend_active_servers{proxy="business"} 2',
    ]


def broker(topology: Topology, lost: str = "") -> Iterator[str]:
    """What a broker of the desktops shows; one session host may be ``lost``."""
    for host in topology.data_center.hosts:
        if host.role == "desk":
            down = int(host.name == lost)
            yield f'haproxy_server_status{{proxy="desks",server="{host.name}",state="DOWN"}} {down}'


def database(primary: int = 0, sync: int = 0, leader: int = 0, running: int = 1) -> list[str]:
    """What Patroni shows."""
    return [
        f"patroni_primary {primary}",
        f"patroni_sync_standby {sync}",
        f"patroni_standby_leader {leader}",
        f"patroni_postgres_running {running}",
        f"patroni_xlog_location {1000 * primary}",
        f"patroni_xlog_received_location {1000 * (1 - primary)}",
    ]


@pytest.fixture(scope="module")
def cloud() -> Cloud:
    """What is declared."""
    return load()


@pytest.fixture(scope="module")
def topology(cloud: Cloud) -> Topology:
    """The plan."""
    return plan(cloud)


@pytest.fixture(scope="module")
def world(topology: Topology) -> World:
    """The exporters' world."""
    return World(topology)


@pytest.fixture(scope="module")
def exporters(world: World) -> Iterator[int]:
    """The port at which every exporter answers, each under /JOB/HOST."""

    class Exporter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, job, host = self.path.partition("?")[0].split("/")
            lines = world.shown.get((job, host))
            self.send_response(200 if lines is not None else 503)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write("\n".join([*(lines or []), ""]).encode())

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Exporter) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def on_loopback(configuration: dict[str, Any], port: int) -> dict[str, Any]:
    """The declared configuration, with every target in the tests' world and a shorter breath."""
    clock = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    jobs = []
    for job in configuration["scrape_configs"]:
        targets = [
            {
                "targets": [f"127.0.0.1:{port}"],
                "labels": {
                    **one["labels"],
                    "__metrics_path__": f"/{job['job_name']}/{one['labels']['host']}",
                },
            }
            for one in job["static_configs"]
        ]
        jobs.append({"job_name": job["job_name"], "static_configs": targets})
    return {"global": clock, "rule_files": ["rules.yml"], "scrape_configs": jobs}


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, topology: Topology, exporters: int
) -> Iterator[tuple[str, int]]:
    """Where Debian's Prometheus answers, with the declared rules: the data center's monitor."""
    needs("prometheus")
    folder: Path = tmp_path_factory.mktemp("prometheus")
    declared = monitoring.configuration(topology, topology.host("dc-monitor1"))
    (folder / "prometheus.yml").write_text(json.dumps(on_loopback(declared, exporters)))
    (folder / "rules.yml").write_text(json.dumps(alerts.rules(topology)))
    host, port = "127.0.0.1", free_port()
    command = [
        "prometheus",
        "--config.file=prometheus.yml",
        f"--web.listen-address={host}:{port}",
        "--storage.tsdb.path=data",
        "--log.level=error",
    ]
    with subprocess.Popen(command, cwd=folder) as running:
        yield host, port
        running.terminate()


@pytest.fixture(scope="module")
def prometheus(topology: Topology, address: tuple[str, int]) -> Callable[[], dict[str, Answer]]:
    """What both monitors answer, the second being silent."""
    opener = build_opener(ProxyHandler({}))
    base = f"http://{address[0]}:{address[1]}"

    def ask(monitor: Host, paths: dict[str, str]) -> dict[str, Any]:
        if monitor.name != "dc-monitor1":
            raise LabError("ssh: connect to host bc-monitor1: No route to host", "look")
        try:
            return {name: json.load(opener.open(base + path)) for name, path in paths.items()}
        except OSError as error:
            raise LabError(str(error), "wait") from None

    return lambda: ask_all(topology, ask)


Asked = Callable[[Callable[[dict[str, Answer]], bool]], dict[str, Answer]]


@pytest.fixture
def until(prometheus: Callable[[], dict[str, Answer]]) -> Asked:
    """Asks until the answers are as wanted; they are given back. They must become so."""

    def wait(wanted: Callable[[dict[str, Answer]], bool]) -> dict[str, Answer]:
        deadline = time.monotonic() + LONGEST
        while True:
            answers = prometheus()
            if wanted(answers) or time.monotonic() > deadline:
                assert wanted(answers), answers
                return answers
            time.sleep(0.5)

    return wait
