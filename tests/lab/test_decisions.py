"""What the lab decides to do about what it finds: all of it pure, so all of it is tried here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab import cgroups, daemon, images, kernel, packages, pulumi_state, pulumi_tool, storage, unpacked
from lab.errors import LabError
from lab.image_spec import load
from lab.kernel import Memory
from lab.paths import LabPaths

GIB = 1024**3


@pytest.mark.parametrize(
    ("runs", "answers", "at_home", "step"),
    [
        (False, False, False, "start"),
        (True, True, True, "keep"),
        (True, False, True, "replace"),
        (True, True, False, "replace"),
        (True, False, False, "replace"),
    ],
)
def test_a_daemon_is_kept_only_if_it_answers_from_the_namespace_of_today(
    runs: bool, answers: bool, at_home: bool, step: str
) -> None:
    assert daemon.next_step(daemon.Sight(runs, answers, at_home)) == step


@pytest.mark.parametrize(
    ("pool", "step"),
    [
        (None, "create"),
        ({"status": "Created", "used_by": ["/1.0/images/x"]}, "keep"),
        ({"status": "Pending", "used_by": []}, "replace"),
        ({"status": "Errored"}, "replace"),
    ],
)
def test_a_half_made_pool_is_made_anew(pool: dict[str, Any] | None, step: str) -> None:
    assert storage.next_step(pool) == step


@pytest.mark.parametrize("status", ["Unavailable", "Errored"])
def test_a_pool_with_hosts_on_it_is_never_thrown_away(status: str) -> None:
    with pytest.raises(LabError, match="omi lab reset"):
        storage.next_step({"status": status, "used_by": ["/1.0/instances/konan-ce1"]})


@pytest.mark.parametrize(("free", "size"), [(20 * GIB, 10), (80 * GIB, 37), (1000 * GIB, 60), (15 * GIB, 10)])
def test_the_pool_takes_half_of_the_spare_disk_within_bounds(free: int, size: int) -> None:
    assert storage.pool_size(free) == size


def test_a_disk_without_room_is_refused_with_what_is_free() -> None:
    with pytest.raises(LabError, match=r"14\.0 GiB are free"):
        storage.pool_size(14 * GIB)


def test_an_image_that_was_cut_while_it_was_unpacked_is_unfinished() -> None:
    shown = {"c": "ro=false\n", "a": "ro=true\n", "b": ""}
    assert unpacked.unfinished(shown) == ["b", "c"]
    assert unpacked.unfinished({}) == []


WANTED = {"a": 100, "b": 50}


def test_settings_are_raised_and_never_lowered() -> None:
    assert kernel.to_raise({"a": 10, "b": 60}, WANTED) == {"a": 100}
    assert kernel.to_raise({"a": 10}, WANTED) == {"a": 100}, "one that this kernel does not have is left out"


def test_the_first_value_seen_in_a_boot_is_the_one_put_back() -> None:
    low = dict.fromkeys(kernel.WANTED, 1)
    raised = dict(kernel.WANTED)
    first = kernel.remember(None, "boot-1", low)
    again = kernel.remember(first, "boot-1", raised)
    assert again == first
    assert kernel.to_restore(again, "boot-1", raised) == low


def test_half_raised_settings_are_still_put_back_to_what_they_were() -> None:
    low = dict.fromkeys(kernel.WANTED, 1)
    name = next(iter(kernel.WANTED))
    killed_half_way = {**low, name: kernel.WANTED[name]}
    memory = kernel.remember(kernel.remember(None, "boot-1", low), "boot-1", killed_half_way)
    assert kernel.to_restore(memory, "boot-1", dict(kernel.WANTED)) == low


def test_another_boot_or_another_hand_leaves_nothing_to_put_back() -> None:
    memory = Memory("boot-1", {"a": 1, "b": 2})
    assert kernel.to_restore(memory, "boot-2", WANTED, WANTED) == {}
    assert kernel.to_restore(memory, "boot-1", {"a": 100, "b": 77}, WANTED) == {"a": 1}
    assert kernel.to_restore(None, "boot-1", WANTED, WANTED) == {}


def test_only_packages_whose_program_is_missing_are_installed() -> None:
    needs = [packages.Need("incusd", "incus-base"), packages.Need("ip", "iproute2")]
    here = {"ip": "/usr/sbin/ip"}
    assert packages.missing(needs, here.get) == ["incus-base"]


def test_an_image_is_built_once_however_many_kinds_share_it_and_not_again() -> None:
    specs = load()
    everything = images.to_build([*specs.values(), *specs.values()], present=[])
    assert len(everything) == len(specs)
    present = [spec.digest for spec in specs.values()]
    assert images.to_build(specs.values(), present) == []


def test_the_image_with_most_packages_is_built_first() -> None:
    counts = [len(spec.layer.packages) for spec in images.to_build(load().values(), present=[])]
    assert counts == sorted(counts, reverse=True)


def test_the_base_has_what_every_image_has_and_no_more() -> None:
    kinds = load()
    shared = set(images.shared_packages(kinds.values()))
    assert {"openssh-server", "systemd"} <= shared
    assert all(shared <= set(spec.layer.packages) for spec in kinds.values())
    others = {package for spec in kinds.values() for package in spec.layer.packages} - shared
    assert all(any(package not in spec.layer.packages for spec in kinds.values()) for package in others)
    assert images.shared_packages([]) == []


def test_a_lock_is_stale_when_its_process_is_no_pulumi_any_more() -> None:
    lock = pulumi_state.Lock(Path("lock.json"), process=4711, host="here")
    assert pulumi_state.is_stale(lock, is_pulumi=lambda _process: False)
    assert not pulumi_state.is_stale(lock, is_pulumi=lambda process: process == 4711)


def test_this_very_process_is_no_pulumi() -> None:
    import os

    assert not pulumi_state.runs_pulumi(os.getpid())


OWN_GROUPS = "3:cpuset:/\n2:memory:/user/one\n1:name=systemd:/\n0::/user.slice/session-1.scope\n"


def test_the_lab_s_control_groups_stay_below_the_limits_of_whoever_starts_it() -> None:
    assert cgroups.places(OWN_GROUPS, "lab-omi", unified=False) == [
        "cpuset/lab-omi",
        "memory/user/one/lab-omi",
        "systemd/lab-omi",
        "unified/lab-omi",
    ]


def test_with_control_groups_of_the_second_kind_the_lab_s_is_at_the_top() -> None:
    assert cgroups.places("0::/user.slice/session-1.scope\n", "lab-omi", unified=True) == ["lab-omi"]


def test_files_kept_in_memory_are_read_from_either_kind_of_hierarchy() -> None:
    """A group's own figure is not that of all below it: with the first kind the total counts."""
    first = cgroups.memory_use("50000\n", "cache 1\nrss 2\ntotal_cache 40960\ntotal_rss 8192\n")
    assert first == cgroups.MemoryUse(own=9040, files=40960)
    second = cgroups.memory_use("24576\n", "anon 8192\nfile 12288\nkernel 4096\n")
    assert second == cgroups.MemoryUse(own=12288, files=12288)


def _program(directory: Path, name: str) -> None:
    directory.mkdir(exist_ok=True)
    (directory / name).write_text("#!/bin/sh\n")
    (directory / name).chmod(0o755)


def test_a_pulumi_of_the_user_s_own_comes_first(tmp_path: Path) -> None:
    lab = LabPaths(tmp_path / "lab")
    theirs = tmp_path / "bin"
    assert pulumi_tool.users_own(lab, {"PATH": str(theirs)}) is None
    _program(theirs, "pulumi")
    assert pulumi_tool.users_own(lab, {"PATH": str(theirs)}) is None, "it cannot run Python without its host"
    _program(theirs, "pulumi-language-python")
    assert pulumi_tool.users_own(lab, {"PATH": str(theirs)}) == theirs / "pulumi"


def test_the_lab_s_own_pulumi_is_not_taken_for_the_user_s(tmp_path: Path) -> None:
    lab = LabPaths(tmp_path)
    lab.pulumi_bin.mkdir(parents=True)
    for name in ("pulumi", "pulumi-language-python"):
        _program(lab.pulumi_bin, name)
    assert pulumi_tool.users_own(lab, {"PATH": str(lab.pulumi_bin)}) is None


def test_the_versions_that_are_built_are_those_go_mod_pins() -> None:
    for program in (pulumi_tool.CLI, pulumi_tool.LANGUAGE):
        text = (pulumi_tool.MODULES / program.module / "go.mod").read_text()
        assert pulumi_tool.required_version(text, program.versioned_by).startswith("v3.")
    with pytest.raises(ValueError, match="does not require"):
        pulumi_tool.required_version("module x\nrequire a/b v1.0.0\n", "c/d")


def test_the_command_line_and_the_python_package_are_of_one_version() -> None:
    from importlib.metadata import version

    text = (pulumi_tool.MODULES / "cli" / "go.mod").read_text()
    assert pulumi_tool.required_version(text, pulumi_tool.CLI.versioned_by) == "v" + version("pulumi")


@pytest.mark.parametrize(
    ("answer", "recent"),
    [
        ("go version go1.26.8 linux/amd64\n", True),
        ("go version go1.21.0 linux/arm64\n", True),
        ("go version go1.19.8 linux/amd64\n", False),
        ("go version devel\n", False),
    ],
)
def test_a_go_that_cannot_fetch_a_newer_one_will_not_do(answer: str, recent: bool) -> None:
    assert pulumi_tool.is_recent(answer) == recent


def test_another_definition_means_another_build(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module a\n")
    before = pulumi_tool.definition_digest(tmp_path)
    (tmp_path / "go.mod").write_text("module b\n")
    assert pulumi_tool.definition_digest(tmp_path) != before
