"""The lab's control group, in a tree that looks like the kernel's."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import cgroups
from lab.paths import LabPaths

FIRST_KIND = "2:cpu:/build\n1:name=systemd:/\n0::/\n"


def test_the_lab_weighs_as_much_as_eight_processes_beside_it_in_either_kind() -> None:
    defaults = {"cpu.shares": 1024, "cpu.weight": 100}
    assert {name: weight / defaults[name] for name, weight in cgroups.WEIGHTS.items()} == dict.fromkeys(
        defaults, 8
    )
    assert cgroups.WEIGHTS["cpu.weight"] <= 10_000, "the kernel's most"
    assert cgroups.WEIGHTS["cpu.shares"] <= 1 << 18, "the kernel's most"


@pytest.mark.parametrize("setting", list(cgroups.WEIGHTS))
def test_a_group_that_is_there_already_gets_its_weight(tmp_path: Path, setting: str) -> None:
    (tmp_path / setting).write_text("100")
    cgroups.weigh(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [setting], "no file is made that the kernel has not"
    assert (tmp_path / setting).read_text() == str(cgroups.WEIGHTS[setting])


def test_the_groups_lie_below_whoever_starts_the_lab_in_the_first_kind_and_at_the_top_in_the_second() -> None:
    assert cgroups.places(FIRST_KIND, "lab", unified=False) == [
        "cpu/build/lab",
        "systemd/lab",
        "unified/lab",
    ]
    assert cgroups.places("0::/user.slice/session-1.scope\n", "lab", unified=True) == ["lab"]


def test_the_kernel_takes_the_weight(tmp_path: Path) -> None:
    """On this machine's own tree, under a name of its own; nothing enters the groups."""
    lab = LabPaths(tmp_path / "lab")
    if not _may_make_groups(lab):
        pytest.skip("not allowed to make control groups here")
    try:
        leaves = cgroups.make(lab)
        cgroups.make(lab)
        read = [
            (name, int((leaf.parent / name).read_text()))
            for leaf in leaves
            for name in cgroups.WEIGHTS
            if (leaf.parent / name).exists()
        ]
        assert read, "no hierarchy of the processor's"
        assert all(cgroups.WEIGHTS[name] == weight for name, weight in read)
    finally:
        cgroups.remove(lab)
    assert not cgroups.exist(lab)


def _may_make_groups(lab: LabPaths) -> bool:
    try:
        cgroups.make(lab)
    except OSError:
        return False
    return True
