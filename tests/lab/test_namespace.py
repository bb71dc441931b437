"""Card filters that a killed daemon left in the lab's network namespace."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import namespace
from lab.commands import run
from lab.paths import LabPaths


@pytest.mark.parametrize(
    ("tables", "there"),
    [
        ("", False),
        ("table bridge incus\n", True),
        ("table inet incus\ntable bridge other\n", False),
        ("table inet incus\ntable bridge incus\n", True),
        ("table bridge incus2\n", False),
    ],
)
def test_the_table_of_card_filters_is_known_by_its_whole_name(tables: str, there: bool) -> None:
    assert namespace.holds_filters(tables) is there


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[LabPaths]:
    """A network namespace like the lab's, under a name of its own."""
    paths = LabPaths(tmp_path / "lab")
    made = os.geteuid() == 0 and subprocess.run(["ip", "netns", "add", paths.netns]).returncode == 0
    if not made:
        pytest.skip("not allowed to make network namespaces here")
    try:
        yield paths
    finally:
        namespace.remove(paths)


def test_what_a_killed_daemon_left_is_forgotten_and_nothing_else(lab: LabPaths) -> None:
    inside = ["ip", "netns", "exec", lab.netns, "nft"]
    namespace.forget_filters(lab)
    for rule in (
        "add table bridge incus",
        "add chain bridge incus in.konan-ce1.eth0 { type filter hook input priority -200; }",
        'add rule bridge incus in.konan-ce1.eth0 iifname "veth0815" drop',
        "add table inet incus",
    ):
        run([*inside, rule])
    namespace.forget_filters(lab)
    assert run([*inside, "list", "tables"]).split("\n") == ["table inet incus", ""]
    namespace.forget_filters(lab)
