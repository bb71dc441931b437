"""What `. .lab/env` gives a shell, and how ssh reaches a host: golden files, read by the real programs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lab import environment
from lab.errors import LabError
from lab.paths import LabPaths
from lab.shell import hosts_of, shell_command

GOLDEN = Path(__file__).with_name("golden")
LAB = LabPaths(Path("/srv/the lab"))
HOSTS = [("konan-ce1", "10.6.240.11"), ("dc-edge1", "10.0.240.11")]


def _ssh_config() -> str:
    text = environment.render_ssh_config(LAB, HOSTS, "/venv/bin/python")
    return text.replace(str(environment.KNOWN_HOST.parent), "/checkout/lab")


def test_the_shell_s_environment_is_as_reviewed() -> None:
    text = environment.render_env(environment.variables(LAB), [Path("/venv/bin"), LAB.pulumi_bin])
    assert text == (GOLDEN / "env").read_text()


def test_the_ssh_config_is_as_reviewed() -> None:
    assert _ssh_config() == (GOLDEN / "ssh_config").read_text()


def test_a_shell_that_sources_it_twice_has_each_directory_once_and_in_order() -> None:
    script = (
        f'. "{GOLDEN / "env"}"; . "{GOLDEN / "env"}"; printf "%s\\n" "$PATH" "$INCUS_DIR" "$PULUMI_STACK"'
    )
    clean = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(["sh", "-euc", script], env=clean, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "/venv/bin:/srv/the lab/pulumi/bin:/usr/bin:/bin",
        "/srv/the lab/incus",
        "lab",
    ]


def test_ssh_itself_reads_it_as_meant() -> None:
    command = ["ssh", "-G", "-F", str(GOLDEN / "ssh_config"), "konan-ce1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    settings = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    expected = {
        "hostname": "10.6.240.11",
        "hostkeyalias": "konan-ce1",
        "user": "root",
        "stricthostkeychecking": "true",
        "userknownhostsfile": "/dev/null",
        "preferredauthentications": "publickey",
        "controlmaster": "auto",
        "identityfile": "/srv/the lab/ssh/id_ed25519",
    }
    assert {name: settings[name] for name in expected} == expected
    assert len(settings["controlpath"]) + 17 <= 107, (
        "ssh adds 17 characters to it, and a socket's path has 107"
    )


@pytest.mark.parametrize(
    "host",
    [
        ("konan ce1", "10.6.240.11"),
        ("a\nHost *", "10.0.0.1"),
        ("konan-ce1", "10.6.240.11 -oX"),
        ("*", "1.2.3.4"),
    ],
)
def test_a_name_that_would_mean_something_to_ssh_is_refused(host: tuple[str, str]) -> None:
    with pytest.raises(LabError, match="is no host"):
        environment.render_ssh_config(LAB, [host], "python")


def test_a_process_of_ours_finds_the_lab_s_pulumi_and_keeps_its_own_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")  # no pulumi of the user's own, nor of another lab
    lab = LabPaths(tmp_path)
    result = environment.process_environment(lab, {"PATH": "/nowhere/bin", "KEPT": "yes"})
    path = result["PATH"].split(os.pathsep)
    assert path[-1] == "/nowhere/bin"
    assert path[1] == str(lab.pulumi_bin)
    assert result["KEPT"] == "yes"
    assert result["PULUMI_BACKEND_URL"] == f"file://{tmp_path}/state"


def test_the_files_are_written_once_and_known_to_be_there(tmp_path: Path) -> None:
    lab, checkout = LabPaths(tmp_path / "lab"), tmp_path / "checkout"
    assert not environment.is_ready(lab, HOSTS, checkout)
    environment.write(lab, HOSTS, checkout)
    assert environment.is_ready(lab, HOSTS, checkout)
    assert not environment.is_ready(lab, HOSTS[:1], checkout), "another plan means another ssh_config"


def test_a_shell_is_opened_on_a_host_that_is_there_and_others_are_named(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="omi lab up"):
        shell_command("konan-ce1", tmp_path)
    environment.write(LabPaths(tmp_path / "lab"), HOSTS, tmp_path)
    assert shell_command("konan-ce1", tmp_path) == [
        "ssh",
        "-F",
        str(tmp_path / ".lab" / "ssh_config"),
        "konan-ce1",
    ]
    with pytest.raises(LabError, match="konan-ce1, dc-edge1"):
        shell_command("konan-ce2", tmp_path)
    assert hosts_of(_ssh_config()) == ["konan-ce1", "dc-edge1"]
