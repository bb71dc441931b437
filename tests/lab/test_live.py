"""The running lab itself: closed, settled, and unchanged by a second look."""

from __future__ import annotations

import socket
import stat
import subprocess
from pathlib import Path

import pytest

import lab
from lab import daemon, namespace, storage, unpacked
from lab.paths import LabPaths

pytestmark = pytest.mark.live

PATHS = LabPaths.from_environment()


def _inside(*command: str) -> subprocess.CompletedProcess[str]:
    entering = ["nsenter", f"--net={PATHS.netns_file}"]
    return subprocess.run([*entering, *command], capture_output=True, text=True, timeout=20)


def test_the_lab_is_up_and_says_so() -> None:
    status = lab.status()
    assert status.is_up, status
    assert status.memory.own > 0
    assert namespace.is_ready(PATHS)
    assert storage.is_ready(PATHS)
    assert unpacked.are_whole(PATHS)


def test_the_daemon_lives_in_the_lab_s_namespaces_and_not_in_the_machine_s() -> None:
    process = daemon.find(PATHS)
    assert process is not None
    for kind in ("net", "mnt", "pid"):
        own, its = (Path(f"/proc/{which}/ns/{kind}").readlink() for which in ("self", process))
        assert own != its, kind


def test_there_is_no_way_out_of_the_lab() -> None:
    routes = _inside("ip", "route", "show", "table", "all", "default")
    assert routes.stdout.strip() == ""
    addresses = [line.split()[0] for line in _inside("ip", "-brief", "link").stdout.splitlines()]
    machine = [name for _, name in socket.if_nameindex() if name != "lo"]
    assert not set(addresses) & set(machine)


def test_nothing_is_routed_through_the_lab_s_namespace() -> None:
    """Asked as the kernel would decide it for a packet of one management network to another."""
    links = _inside("ip", "-brief", "-4", "address").stdout.splitlines()
    bridges = [line.split() for line in links if "-mgmt" in line.split()[0]]
    assert len(bridges) >= 2, "there are no two management networks to route between: run `omi lab up`"
    (first, _, address, *_), (_, _, other, *_) = bridges[0], bridges[1]
    host = address.rsplit(".", 1)[0] + ".200"
    target = other.rsplit(".", 1)[0] + ".200"
    decision = _inside("ip", "route", "get", target, "from", host, "iif", first)
    # EHOSTUNREACH: what the kernel answers for a rule that refuses, and for a bridge that does not forward.
    assert decision.returncode == 2
    assert "No route to host" in decision.stderr


def test_secrets_are_root_s_alone() -> None:
    for file in (PATHS.ssh_key, PATHS.passphrase):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert PATHS.incus_socket.stat().st_gid == 0


def test_the_images_are_listed_where_the_stack_reads_them() -> None:
    for image in lab.status().images:
        assert (PATHS.images / image / "rootfs.squashfs").is_file()
        assert (PATHS.images / image / "metadata.tar.xz").is_file()


def test_a_host_with_another_key_is_refused(tmp_path: Path) -> None:
    config = Path.cwd() / ".lab" / "ssh_config"
    assert config.is_file(), "this checkout has no lab: run `omi lab up` in it"
    from lab.shell import hosts_of

    first, second, *_ = hosts_of(config.read_text())
    right = subprocess.run(["ssh", "-F", config, first, "true"], capture_output=True, text=True, timeout=30)
    assert right.returncode == 0, right.stderr
    wrong = ["-o", f"HostKeyAlias={second}", "-o", f"ControlPath={tmp_path}/c", "-o", "ControlPersist=no"]
    refused = subprocess.run(
        ["ssh", "-F", config, *wrong, first, "true"], capture_output=True, text=True, timeout=30
    )
    assert refused.returncode == 255
