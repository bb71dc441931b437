"""The module that writes a host's files, run as Ansible runs it: by its arguments, on a folder of its own."""

from __future__ import annotations

import getpass
import grp
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MODULE = Path(__file__).parents[2] / "ansible" / "library" / "file_set.py"


@pytest.fixture
def run(tmp_path):
    """``run(files, purge=...)``: the module's answer. Paths are relative to a fresh folder."""

    def answer(
        files: dict[str, dict[str, Any]],
        purge: tuple[str, ...] = (),
        check: bool = False,
        units: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        owner = {"owner": getpass.getuser(), "group": grp.getgrgid(os.getgid()).gr_name}
        arguments = {
            "files": [{"path": str(tmp_path / path), **owner, **entry} for path, entry in files.items()],
            "purge": [str(tmp_path / pattern) for pattern in purge],
            "units": list(units),
            "pending": str(tmp_path / "pending" / "role"),
            "_ansible_check_mode": check,
            "_ansible_remote_tmp": str(tmp_path / "tmp"),
            "_ansible_keep_remote_files": False,
        }
        given = json.dumps({"ANSIBLE_MODULE_ARGS": arguments})
        command = [sys.executable, MODULE]
        environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, check=False, env=environment
        )
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        found["changed_paths"] = [
            str(Path(path).relative_to(tmp_path)) for path in found.get("changed_paths", [])
        ]
        return found

    return answer


def applied(tmp_path):
    """What the last handler does."""
    (tmp_path / "pending" / "role").unlink()


def test_writes_what_is_missing_with_its_mode_and_then_nothing(run, tmp_path):
    files = {"a/secret": {"content": "1\n", "mode": "0600"}, "b": {"content": "2\n"}}
    assert run(files)["changed_paths"] == ["a/secret", "b"]
    assert (tmp_path / "a/secret").read_text() == "1\n"
    assert (tmp_path / "a/secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o644
    applied(tmp_path)
    assert run(files)["changed"] is False


def test_changes_only_what_differs(run, tmp_path):
    run({"a": {"content": "1\n"}, "b": {"content": "2\n"}})
    applied(tmp_path)
    assert run({"a": {"content": "1\n"}, "b": {"content": "3\n"}})["changed_paths"] == ["b"]


def test_a_mode_alone_is_a_change(run, tmp_path):
    run({"a": {"content": "1\n"}})
    applied(tmp_path)
    assert run({"a": {"content": "1\n", "mode": "0640"}})["changed_paths"] == ["a"]
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_check_says_what_would_change_and_changes_nothing(run, tmp_path):
    (tmp_path / "old").write_text("gone\n")
    answer = run({"a": {"content": "1\n"}}, purge=("o*",), check=True)
    assert answer["changed_paths"] == ["a", "old"]
    assert {(d["before"], d["after"]) for d in answer["diff"]} == {("", "1\n"), ("gone\n", "")}
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "old").exists()


def test_removes_what_a_pattern_covers_and_the_list_does_not(run, tmp_path):
    for name in ("20-kept.network", "20-gone.network", "10-other.network"):
        (tmp_path / name).write_text("x\n")
    run({"20-kept.network": {"content": "x\n"}}, purge=("20-*.network",))
    assert sorted(path.name for path in tmp_path.glob("*.network")) == ["10-other.network", "20-kept.network"]


def test_writes_nothing_when_one_file_fails_its_check(run, tmp_path):
    answer = run({"good": {"content": "1\n"}, "bad": {"content": "2\n", "validate": "grep -q 1 %s"}})
    assert answer["failed"] is True
    assert "nothing was written" in answer["msg"]
    assert "bad" in answer["msg"]
    assert not (tmp_path / "good").exists()
    assert not (tmp_path / "pending").exists()


def test_makes_and_turns_links(run, tmp_path):
    run({"zone": {"link": "/usr/share/zoneinfo/UTC"}})
    applied(tmp_path)
    assert run({"zone": {"link": "/usr/share/zoneinfo/Asia/Tokyo"}})["changed_paths"] == ["zone"]
    assert str((tmp_path / "zone").readlink()) == "/usr/share/zoneinfo/Asia/Tokyo"


def test_a_file_takes_a_links_place_without_writing_through_it(run, tmp_path):
    (tmp_path / "target").write_text("untouched\n")
    (tmp_path / "a").symlink_to("target")
    run({"a": {"content": "1\n"}})
    assert not (tmp_path / "a").is_symlink()
    assert (tmp_path / "target").read_text() == "untouched\n"


def test_what_was_written_but_never_applied_counts_as_changed_again(run, tmp_path):
    files = {"a": {"content": "1\n"}}
    run(files)
    assert run(files)["changed_paths"] == ["a"]
    applied(tmp_path)
    assert run(files)["changed_paths"] == []


@pytest.fixture
def systemd(tmp_path):
    """``systemd()``: what a systemctl that knows `good.service` and `new.service` was ordered to do so far."""
    program, orders = tmp_path / "bin" / "systemctl", tmp_path / "orders"
    program.parent.mkdir()
    (tmp_path / "enabled").mkdir()
    (tmp_path / "active").mkdir()
    program.write_text(
        f"""#!/bin/sh
cd {tmp_path}
case "$*" in
  *missing*) echo "Unit missing.service could not be found." >&2; exit 5;;
  "--quiet is-enabled "*) test -e enabled/$3;;
  "--quiet is-active "*) test -e active/$3;;
  *)
    echo "$*" >>orders
    case $1 in
      enable) touch enabled/$3;;
      start) touch active/$2;;
    esac;;
esac
"""
    )
    program.chmod(0o755)
    for state in ("enabled", "active"):
        (tmp_path / state / "good.service").touch()

    return lambda: orders.read_text().splitlines() if orders.exists() else []


def test_a_unit_that_does_not_run_is_enabled_and_started_once(run, systemd):
    units = ("good.service", "new.service")
    first = run({}, units=units)
    assert (first["changed"], first["started_units"]) == (True, ["new.service"])
    assert systemd() == ["enable --quiet new.service", "start new.service"]
    second = run({}, units=units)
    assert (second["changed"], second["started_units"]) == (False, [])
    assert len(systemd()) == 2


def test_a_unit_that_runs_and_is_only_not_enabled_counts_as_changed_and_not_as_started(
    run, systemd, tmp_path
):
    (tmp_path / "enabled" / "good.service").unlink()
    answer = run({}, units=("good.service",))
    assert (answer["changed"], answer["started_units"]) == (True, [])
    assert systemd() == ["enable --quiet good.service"]


def test_a_unit_that_runs_is_left_alone_whatever_is_written(run, systemd):
    answer = run({"a": {"content": "1"}}, units=("good.service",))
    assert (answer["changed"], answer["started_units"], systemd()) == (True, [], [])


def test_a_trial_says_what_it_would_start_and_starts_nothing(run, systemd):
    answer = run({}, units=("new.service",), check=True)
    assert (answer["changed"], answer["started_units"], systemd()) == (True, ["new.service"], [])


def test_a_unit_that_cannot_be_started_is_told_with_what_systemd_says(run, systemd):
    answer = run({}, units=("missing.service",))
    assert systemd() == []
    assert answer["failed"] is True
    assert "missing.service could not be found" in answer["msg"]
