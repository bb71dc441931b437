"""What a router's lines look like to the monitor: FRR's own words in, series out."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.ansible import readers

PLAN = [
    {"address": "10.5.254.1", "peer": "konan-ce1", "kind": "line", "interface": "c5l1"},
    {"address": "10.6.254.1", "peer": "yasu-ce1", "kind": "line", "interface": "c4l1"},
]
BFD = [{"peer": "10.5.254.1", "status": "up"}, {"peer": "10.0.16.12", "status": "up"}]
COUNTERS = [{"peer": "10.5.254.1", "session-down": 4}, {"peer": "10.0.16.12", "session-down": 1}]
BGP = {
    "routerId": "10.0.255.1",
    "peers": {"10.5.254.1": {"state": "Established"}, "10.6.254.1": {"state": "Active"}},
}


@pytest.fixture(scope="module")
def program() -> dict[str, Any]:
    """The program's functions."""
    return readers.functions("routing")


def test_a_planned_session_that_frr_does_not_know_is_down(program: dict[str, Any]) -> None:
    values = program["readings"](PLAN, BFD, COUNTERS, BGP)
    assert values == {
        "omi_bfd_up": [1, 0],
        "omi_bfd_downs_total": [4, 0],
        "omi_bgp_established": [1, 0],
    }


def test_what_is_written_names_the_line_as_people_do(program: dict[str, Any]) -> None:
    text = program["text"](PLAN, program["readings"](PLAN, BFD, COUNTERS, BGP))
    assert 'omi_bfd_up{peer="konan-ce1",kind="line",interface="c5l1"} 1\n' in text
    assert 'omi_bfd_downs_total{peer="konan-ce1",kind="line",interface="c5l1"} 4\n' in text
    assert "# TYPE omi_bfd_downs_total counter\n" in text


@pytest.mark.parametrize("between", ["", "\n", "\n\n  "])
def test_documents_may_stand_close_together(program: dict[str, Any], between: str) -> None:
    assert program["documents"](between.join(map(json.dumps, [[1], {"a": 2}, []])) + "\n") == [
        [1],
        {"a": 2},
        [],
    ]


def test_broken_documents_are_refused(program: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Expecting"):
        program["documents"]('[1] {"a": ')


def test_what_was_read_last_stays_where_frr_answers_no_more(tmp_path: Path) -> None:
    """A `vtysh` that answers once and then no more stands for daemons that die."""
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    answers = "\n".join(map(json.dumps, [BFD, COUNTERS, BGP]))
    (tmp_path / "answers").write_text(answers)
    vtysh = tmp_path / "vtysh"
    vtysh.write_text(f"#!/bin/sh\ncat {tmp_path}/answers && rm {tmp_path}/answers\n")
    vtysh.chmod(vtysh.stat().st_mode | stat.S_IXUSR)
    file = tmp_path / "routing.prom"
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = ["python3", str(readers.program("routing")), str(tmp_path / "plan.json"), str(file)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert running.stderr.readline().startswith("FRR does not answer")
        running.kill()
    assert 'omi_bfd_up{peer="konan-ce1",kind="line",interface="c5l1"} 1' in file.read_text()
