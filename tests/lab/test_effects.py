"""The lab's hands, where they can be tried without root and without a lab."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab import keys, pulumi_state
from lab.commands import dying_with_us, failure, follow, run
from lab.errors import LabError
from lab.files import has_content, write_atomically
from lab.lock import exclusive
from lab.paths import LabPaths


def test_a_command_that_fails_is_named_with_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="status 7") as caught:
        run(["sh", "-c", "echo the reason >&2; exit 7"])
    assert "the reason" in caught.value.message
    lines = list[str]()
    log = tmp_path / "logs" / "x.log"
    with pytest.raises(LabError, match="status 3") as caught:
        follow(["sh", "-c", "seq 40; exit 3"], log, lines.append)
    assert lines[0] == "1"
    assert "40" in caught.value.message
    assert "\n  1\n" not in caught.value.message
    assert str(log) in caught.value.what_to_do
    assert len(log.read_text().splitlines()) == 40


def test_a_command_that_dies_with_us_is_named_without_what_makes_it_so() -> None:
    error = failure(dying_with_us(["go", "build", "x"]), 1, [], None)
    assert error.message.startswith("`go build x` ended")


def test_a_program_that_is_missing_or_too_slow_is_an_error_for_people() -> None:
    with pytest.raises(LabError, match="no program 'omi-no-such-program'"):
        run(["omi-no-such-program"])
    with pytest.raises(LabError, match=r"0\.1 s"):
        run(["sleep", "5"], timeout=0.1)


def test_a_secret_is_never_readable_by_others_and_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "secret"
    previous = os.umask(0)
    try:
        write_atomically(file, "first", mode=0o600)
        write_atomically(file, "second", mode=0o600)
    finally:
        os.umask(previous)
    assert has_content(file, "second")
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_keys_are_made_once_and_never_changed(tmp_path: Path) -> None:
    lab = LabPaths(tmp_path)
    assert not keys.are_ready(lab)
    keys.make(lab)
    assert keys.are_ready(lab)
    before = {file: file.read_bytes() for file in (lab.ssh_key, lab.ssh_public_key, lab.passphrase)}
    lab.ssh_public_key.unlink()
    lab.ssh_key.chmod(0o644)
    assert not keys.are_ready(lab)
    keys.make(lab)
    assert keys.are_ready(lab)
    assert lab.ssh_key.read_bytes() == before[lab.ssh_key]
    assert lab.passphrase.read_bytes() == before[lab.passphrase]
    assert lab.ssh_public_key.read_bytes().split()[:2] == before[lab.ssh_public_key].split()[:2]


def test_the_public_half_of_a_lost_key_is_not_kept(tmp_path: Path) -> None:
    lab = LabPaths(tmp_path)
    keys.make(lab)
    lost = lab.ssh_public_key.read_bytes()
    lab.ssh_key.unlink()
    keys.make(lab)
    assert lab.ssh_public_key.read_bytes().split()[1] != lost.split()[1]


def test_locks_of_pulumis_that_are_gone_are_removed_and_one_that_lives_is_respected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = LabPaths(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: omi\nruntime: python\n")
    stack = lab.state / ".pulumi" / "stacks" / "omi" / "lab.json"
    stack.parent.mkdir(parents=True)
    stack.write_text("{}")
    locks = lab.state / ".pulumi" / "locks" / "organization" / "omi" / "lab"
    locks.mkdir(parents=True)
    (locks / "1.json").write_text(json.dumps({"pid": 4711, "hostname": "here"}))
    (locks / "1.json.attrs").write_text("{}")
    (locks / "2.json").write_text('{"pid": 4')
    assert not pulumi_state.is_ready(lab, tmp_path)

    monkeypatch.setattr(pulumi_state, "runs_pulumi", lambda process: process == 4711)
    assert pulumi_state.locked_by(lab) == 4711
    with pytest.raises(LabError, match="process 4711"):
        pulumi_state.make(lab, tmp_path)

    monkeypatch.setattr(pulumi_state, "runs_pulumi", lambda _process: False)
    pulumi_state.make(lab, tmp_path)
    assert pulumi_state.is_ready(lab, tmp_path)
    assert list(locks.iterdir()) == []


def _hold(root: str, ready: str) -> None:
    with exclusive(LabPaths(Path(root))):
        Path(ready).touch()
        time.sleep(60)


def test_two_commands_never_change_the_lab_at_once_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    lab, ready = LabPaths(tmp_path / "lab"), tmp_path / "ready"
    holder = multiprocessing.get_context("fork").Process(target=_hold, args=(str(lab.root), str(ready)))
    holder.start()
    try:
        deadline = time.monotonic() + 20
        while not ready.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        with pytest.raises(LabError, match="another omi command"), exclusive(lab):
            pass
    finally:
        os.kill(holder.pid or 0, signal.SIGKILL)
        holder.join()
    with exclusive(lab):
        pass


def test_a_lock_on_a_directory_that_a_reset_removed_is_taken_anew(tmp_path: Path) -> None:
    lab = LabPaths(tmp_path / "lab")
    with exclusive(lab):
        lab.root.rmdir()
    with exclusive(lab):
        assert lab.root.is_dir()


def test_whoever_is_not_root_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import lab

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for act in (
        lambda: lab.prepare([], tmp_path, lambda _event: None),
        lambda: lab.down(lambda _event: None),
        lambda: lab.reset(tmp_path, lambda _event: None),
        lab.status,
    ):
        with pytest.raises(lab.LabError, match="needs root") as caught:
            act()
        assert caught.value.exit_code == 3


def test_the_known_host_program_needs_nothing_of_the_project() -> None:
    code = (
        "import runpy, sys; runpy.run_path(sys.argv[1]); print(*{'lab', 'httpx'}.intersection(sys.modules))"
    )
    file = Path(__file__).parents[2] / "lab" / "known_host.py"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(file)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
