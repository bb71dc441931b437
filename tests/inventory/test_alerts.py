"""Every alert, tried by Prometheus' own tool: not while all is well, within the promised time, and not afterwards."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from inventory import alerts, monitoring, promql
from inventory.load import load
from inventory.plan import plan
from inventory.topology import Topology
from tests.inventory.alert_cases import BROKEN, CASES, QUIET, STEP, WELL, Case

promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool on this machine (prometheus)")
ROLES = Path(__file__).parents[2] / "ansible" / "roles"


@pytest.fixture(scope="module")
def topology() -> Topology:
    """The declared plan."""
    return plan(load())


def expectation(case: Case, at: int, fires: bool) -> dict[str, Any]:
    """What promtool is to find at a moment (seconds)."""
    labels = case.labels | {"severity": alerts.by_name(case.alert).severity}
    return {
        "eval_time": f"{at}s",
        "alertname": case.alert,
        "exp_alerts": [{"exp_labels": labels}] if fires else [],
    }


def story(case: Case, noticed_within: int) -> dict[str, Any]:
    """Well, broken, noticed in time, well again, quiet in time."""
    clears = WELL + BROKEN + noticed_within
    if case.alert == "BfdFlapping":  # it looks five minutes back
        clears += 300
    moments = {WELL - STEP: False, WELL + noticed_within: True, clears: False}
    return trial(case, [expectation(case, at, fires) for at, fires in moments.items()])


def trial(case: Case, expected: list[dict[str, Any]]) -> dict[str, Any]:
    """One test as promtool reads it."""
    series = [{"series": name, "values": values} for name, values in case.series.items()]
    return {"interval": f"{STEP}s", "input_series": series, "alert_rule_test": expected}


def run(folder: Path, topology: Topology, tests: list[dict[str, Any]]) -> subprocess.CompletedProcess[str]:
    """`promtool test rules` (JSON is YAML)."""
    (folder / "rules.yml").write_text(json.dumps(alerts.rules(topology)))
    document = {"rule_files": ["rules.yml"], "evaluation_interval": f"{STEP}s", "tests": tests}
    (folder / "test.yml").write_text(json.dumps(document))
    command = ["promtool", "test", "rules", "test.yml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@promtool
def test_each_alert_fires_in_time_and_clears(tmp_path: Path, topology: Topology) -> None:
    within = round(topology.watching.noticed_within.base)
    done = run(tmp_path, topology, [story(case, within) for case in CASES])
    assert done.returncode == 0, done.stdout + done.stderr


@promtool
def test_what_looks_like_a_fault_and_is_none_is_quiet(tmp_path: Path, topology: Topology) -> None:
    tests = [
        trial(case, [expectation(case, at, False) for at in range(0, WELL + BROKEN, 30)]) for case in QUIET
    ]
    done = run(tmp_path, topology, tests)
    assert done.returncode == 0, done.stdout + done.stderr


@promtool
def test_the_watchdog_is_always_there(tmp_path: Path, topology: Topology) -> None:
    case = Case("Watchdog", {}, {})
    done = run(tmp_path, topology, [trial(case, [expectation(case, at, True) for at in (0, 60, 600)])])
    assert done.returncode == 0, done.stdout + done.stderr


@promtool
@pytest.mark.parametrize("name", ["dc-monitor1", "bc-monitor1"])
def test_prometheus_takes_the_configuration(tmp_path: Path, topology: Topology, name: str) -> None:
    (tmp_path / "prometheus.yml").write_text(
        json.dumps(monitoring.configuration(topology, topology.host(name)))
    )
    command = ["promtool", "check", "config", "--syntax-only", "prometheus.yml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried() -> None:
    assert {case.alert for case in CASES} | {"Watchdog"} == set(alerts.NAMES)


def test_every_alert_can_fire_within_the_promised_time(topology: Topology) -> None:
    """A look at the host, a look at the rules, and the wait."""
    for alert in alerts.ALERTS:
        looks = 2 * topology.watching.every.base
        assert alert.waits + looks <= topology.watching.noticed_within.base / 2, alert.name


def test_every_drill_that_breaks_something_names_its_alert() -> None:
    planned = {"desktop-drain", "login-storm", "restore-city", "rolling-restart"}
    assert {drill.name for drill in load().file.drills if not drill.alert} == planned


def test_every_reason_of_the_backups_check_has_its_alert() -> None:
    """The words are the program's own (omi_backup.checks.CODES), which runs on hosts and is not imported here."""
    program = ROLES / "backup_program/files/omi_backup/checks.py"
    codes = re.search(r"^CODES = \((.*?)^\)", program.read_text(), re.DOTALL | re.MULTILINE)
    assert codes is not None
    told = "|".join((promql.OLD, promql.DAMAGED, promql.GAP)).split("|")
    assert sorted(told) == sorted(re.findall(r'"(\w+)"', codes[1]))
