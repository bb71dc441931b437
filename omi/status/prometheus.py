"""Asking a monitor: every question in one go, over ssh, because nobody gets at a monitor but from its own host."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from inventory.monitoring import MONITOR, centers, zone_address
from inventory.topology import Host, Topology
from lab.commands import run
from lab.environment import DIRECTORY
from lab.errors import LabError

PATIENCE = 12.0
"""Seconds that a monitor may take; then the page does without it, and says so."""

QUESTIONS = {
    "up": "up",
    "bfd": "omi_bfd_up",
    "downs": "increase(omi_bfd_downs_total[1d])",
    "primary": "patroni_primary",
    "running": "patroni_postgres_running",
    "sync": "patroni_sync_standby",
    "leader": "patroni_standby_leader",
    "written": "patroni_xlog_location",
    "received": "patroni_xlog_received_location",
    "green": "omi_backup_green",
    "red": "omi_backup_red == 1",
    "checked": "omi_backup_checked_seconds",
    "desktops": "omi_desktop_sessions",
    "seats": "omi_desktop_places",
    "drained": "omi_desktop_drained",
    "lost": 'max by (server) (haproxy_server_status{proxy="desks",state="DOWN"})',
    "certificates": "omi_certificate_not_after_seconds",
}
"""Short name to PromQL."""

ASK = """
import json, sys, urllib.request
base, paths = sys.argv[1], json.load(sys.stdin)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(json.dumps({name: json.load(opener.open(base + path, timeout=5)) for name, path in paths.items()}))
"""


class Series(NamedTuple):
    """One value of an answer, with its labels."""

    labels: dict[str, str]
    value: float


class Answer(NamedTuple):
    """What one monitor says. ``problem``: why it says nothing."""

    alerts: list[dict[str, Any]]
    series: dict[str, list[Series]]
    problem: str | None = None


Asker = Callable[[Host, dict[str, str]], dict[str, Any]]
"""Gets each path (by name) of the monitor's interface: name to the JSON that came back. Raises LabError."""


def paths() -> dict[str, str]:
    """Every question as a path of Prometheus' interface."""
    asked = {name: f"/api/v1/query?{urlencode({'query': query})}" for name, query in QUESTIONS.items()}
    return {"alerts": "/api/v1/alerts", **asked}


def understood(bodies: Mapping[str, Any]) -> Answer:
    """The answer that stands in the bodies. Raises KeyError, TypeError or ValueError for anything else."""
    series = {
        name: [Series(one["metric"], float(one["value"][1])) for one in bodies[name]["data"]["result"]]
        for name in QUESTIONS
    }
    return Answer(list(bodies["alerts"]["data"]["alerts"]), series)


def over_ssh(checkout: Path) -> Asker:
    """Asks on the monitor itself."""

    def ask(monitor: Host, wanted: dict[str, str]) -> dict[str, Any]:
        base = f"http://{zone_address(monitor)}:{MONITOR}"
        words = f"python3 -c {shlex.quote(ASK)} {base}"
        command = ["ssh", "-F", str(checkout / DIRECTORY / "ssh_config"), "-o", "ConnectTimeout=5"]
        said = run([*command, monitor.name, words], text=json.dumps(wanted), timeout=PATIENCE)
        answer: dict[str, Any] = json.loads(said)
        return answer

    return ask


def ask_one(monitor: Host, asker: Asker) -> Answer:
    """What a monitor says, or why it says nothing."""
    try:
        return understood(asker(monitor, paths()))
    except LabError as error:
        return Answer([], {}, last_line(error.message))
    except (KeyError, TypeError, ValueError) as error:
        return Answer([], {}, f"an answer that nobody understands: {error}")


def last_line(text: str) -> str:
    """Where a program says what was wrong."""
    return [line.strip() for line in text.splitlines() if line.strip()][-1]


def monitors(topology: Topology) -> list[Host]:
    """Those that there are."""
    return [host for site in centers(topology) for host in site.hosts if host.role == "monitor"]


def ask_all(topology: Topology, asker: Asker) -> dict[str, Answer]:
    """Each monitor's name to what it says."""
    asked = monitors(topology)
    with ThreadPoolExecutor(max(len(asked), 1)) as pool:
        answers = pool.map(lambda host: ask_one(host, asker), asked)
        return dict(zip((host.name for host in asked), answers, strict=True))
