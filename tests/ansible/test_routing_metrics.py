"""What a router's lines look like to the monitor: BIRD's own words in, series out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.ansible import readers

SESSIONS = readers.ROLES / "routing/files/usr/local/lib/omi-routing"
PLAN = [
    {"address": "10.5.254.1", "peer": "konan-ce1", "kind": "line", "interface": "c5l1"},
    {"address": "10.6.254.1", "peer": "yasu-ce1", "kind": "line", "interface": "c4l1"},
]
BFD = """\
BIRD 2.0.12 ready.
bfd1:
IP address                Interface  State      Since         Interval  Timeout
10.5.254.1                c5l1       Up         2026-11-30 13:42:10.238    0.100    0.400
10.6.254.1                c4l1       Down       2026-11-30 13:42:09.481    1.000    0.000
10.0.16.11                lan-kikan  Up         2026-11-30 13:42:12.272    0.100    4.000
"""
PROTOCOLS = """\
BIRD 2.0.12 ready.
Name       Proto      Table      State  Since         Info
device1    Device     ---        up     2026-11-30 13:42:09.458

konan_ce1_c5l1 BGP        ---        up     2026-11-30 13:42:10.308  Established
  BGP state:          Established
    Neighbor address: 10.5.254.1
    Neighbor AS:      64517
    Local AS:         65000
  Channel ipv4
    State:          UP

yasu_ce1_c4l1 BGP        ---        start  2026-11-30 13:42:09.458  Active        Socket: No route to host
  BGP state:          Active
    Neighbor address: 10.6.254.1

hosts_kikan BGP        ---        start  2026-11-30 13:42:09.458  Passive
  BGP state:          Passive
    Neighbor range:   10.0.16.0/20
"""
"""As BIRD 2.0.12 answers; a session that waits for hosts to come has a range and no neighbour."""
SEEN = {
    "bgp": {"10.5.254.1": "Established", "10.6.254.1": "Active"},
    "bfd": {
        "10.5.254.1": {"interface": "c5l1", "state": "Up", "sends_ms": 100, "dead_after_ms": 400},
        "10.6.254.1": {"interface": "c4l1", "state": "Down", "sends_ms": 1000, "dead_after_ms": 0},
        "10.0.16.11": {"interface": "lan-kikan", "state": "Up", "sends_ms": 100, "dead_after_ms": 4000},
    },
}
LOST = "1796041000.1 dc-edge1 bird[7]: bfd1: Session to 10.5.254.1 changed state from Up to Down\n"


@pytest.fixture(scope="module")
def program() -> dict[str, Any]:
    """The program's functions."""
    sys.path.insert(0, str(SESSIONS))
    try:
        return readers.functions("routing")
    finally:
        sys.path.remove(str(SESSIONS))


@pytest.fixture(scope="module")
def reading() -> dict[str, Any]:
    """The functions that read BIRD's answers."""
    return readers.functions("bird_sessions", SESSIONS)


def test_birds_answers_are_read(reading: dict[str, Any]) -> None:
    assert reading["bgp_sessions"](PROTOCOLS) == SEEN["bgp"]
    assert reading["bfd_sessions"](BFD) == SEEN["bfd"]


def test_a_planned_session_that_is_not_up_or_not_known_is_down(program: dict[str, Any]) -> None:
    unknown = {"address": "10.7.254.1", "peer": "koka-ce1", "kind": "line", "interface": "c8l1"}
    values = program["readings"]([*PLAN, unknown], SEEN, {"10.5.254.1": 4, "10.0.16.11": 1})
    assert values == {
        "omi_bfd_up": [1, 0, 0],
        "omi_bfd_downs_total": [4, 0, 0],
        "omi_bgp_established": [1, 0, 0],
    }


@pytest.mark.parametrize(
    ("line", "counted"),
    [
        (LOST, 1),
        (LOST.replace("to Down", "to AdminDown"), 1),
        (LOST.replace("from Up to Down", "from Down to Up"), 0),
        (LOST.replace("from Up", "from Init"), 0),
        (LOST.replace("changed state from Up to Down", "expired"), 0),
    ],
)
def test_each_loss_in_the_journal_counts_once(program: dict[str, Any], line: str, counted: int) -> None:
    downs: Counter[str] = Counter()
    program["count_loss"](downs, line)
    assert downs["10.5.254.1"] == counted == downs.total()


def test_what_is_written_names_the_line_as_people_do(program: dict[str, Any]) -> None:
    text = program["text"](PLAN, program["readings"](PLAN, SEEN, {"10.5.254.1": 4}))
    assert 'omi_bfd_up{peer="konan-ce1",kind="line",interface="c5l1"} 1\n' in text
    assert 'omi_bfd_downs_total{peer="konan-ce1",kind="line",interface="c5l1"} 4\n' in text
    assert "# TYPE omi_bfd_downs_total counter\n" in text


def test_nothing_is_written_where_bird_does_not_answer(tmp_path: Path) -> None:
    """What was read last stays and grows old. A journal without end stands for the host's."""
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    journal = tmp_path / "journalctl"
    journal.write_text("#!/bin/sh\nexec sleep 60\n")
    journal.chmod(0o755)
    file = tmp_path / "routing.prom"
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(SESSIONS)}
    command = ["python3", str(readers.program("routing")), str(tmp_path / "plan.json"), str(file)]
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stderr is not None
        assert running.stderr.readline().startswith("BIRD does not answer")
        os.killpg(running.pid, 9)
    assert not file.exists()
