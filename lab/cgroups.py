"""The control groups that a killed lab leaves behind, empty."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from lab.paths import LabPaths

TREE = Path("/sys/fs/cgroup")
# LXC's names; a number is added when the name was taken. Instances of a project are `<project>_<instance>`.
GROUP = re.compile(r"^lxc\.(?:monitor|payload)\.(?P<instance>[^_]+_.+?)(?:-\d+)?$")


def belongs(name: str, instances: Collection[str]) -> bool:
    """Whether a control group's name is that of one of the lab's `instances` (as `<project>_<instance>`)."""
    match = GROUP.match(name)
    if match is None:
        return False
    return match["instance"] in instances or name.split(".", 2)[2] in instances


def sweep(paths: LabPaths) -> None:
    """Remove the empty control groups of the lab's instances; called when no process of the lab runs.

    A group that still has a process is not ours and cannot be removed: the kernel refuses.
    """
    instances = {entry.name for entry in (paths.incus / "containers").glob("*_*")}
    if not instances:
        return
    for group in [*TREE.glob("lxc.*"), *TREE.glob("*/lxc.*")]:
        if belongs(group.name, instances):
            _remove(group)


def _remove(group: Path) -> None:
    below = sorted((path for path in group.rglob("*") if path.is_dir()), key=lambda path: -len(path.parts))
    for directory in [*below, group]:
        try:
            directory.rmdir()
        except OSError:
            return
