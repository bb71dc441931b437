"""``omi capacity flows``: what is printed and the exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from capacity.network.cli import flows

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def scenario(tmp_path) -> Path:
    """Two flows of which the second loses its link for good."""
    path = tmp_path / "s.json"
    document = {
        "links": [{"id": "a", "capacity_bps": 8e6}, {"id": "b", "capacity_bps": 8e6}],
        "flows": [
            {"id": "f", "start_s": 0, "bytes": 1_000_000, "path": ["a"]},
            {"id": "g", "start_s": 0, "bytes": 1_000_000, "path": ["b"]},
        ],
        "changes": [{"at_s": 0.5, "link": "b", "capacity_bps": 0}],
    }
    path.write_text(json.dumps(document))
    return path


def test_json_holds_every_completion_and_null_for_what_never_ends(scenario, capsys):
    assert flows(scenario, json=True, timing=False) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed.pop("cpu_s") >= 0
    assert printed == {
        "completions": [
            {"id": "f", "finish_s": 1.0, "mean_bps": 8e6},
            {"id": "g", "finish_s": None, "mean_bps": None},
        ],
        "makespan_s": None,
    }


def test_timing_tells_compilation_from_solving(scenario, capsys):
    assert flows(scenario, json=True, timing=True) == 0
    timing = json.loads(capsys.readouterr().out)["timing"]
    assert set(timing) == {"read_s", "machine_code_s", "solve_s", "events", "solves"}
    assert timing["events"] == 5  # two starts, a completion, a cut, and the cut becoming known


def test_a_person_sees_a_table_with_what_never_ends_first(scenario, capsys):
    assert flows(scenario, json=False, timing=False) == 0
    assert capsys.readouterr().out == (
        "flow                                  done at s  mean Mbit/s\n"
        "g                                         never            -\n"
        "f                                      1.000000        8.000\n"
        "2 flows, 1 never end: a link on their path stays down\n"
    )


def test_a_faulty_file_is_refused_with_its_reasons_and_nothing_on_standard_output(capsys):
    assert flows(GOLDEN / "faulty.json", json=True, timing=True) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (GOLDEN / "faulty.txt").read_text()


def test_starting_the_command_line_loads_neither_numpy_nor_the_compiler():
    loaded = "import sys, capacity.network.cli; print({'numpy', 'numba', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
