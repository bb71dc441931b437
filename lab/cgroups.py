"""The control group of the lab: one subtree per hierarchy of the kernel's, found and removed as a whole.

LXC puts its groups below the group of process 1, which in the lab's process namespace is the lab's own
first process, and leaves out a last part named `init.scope` (systemd's name for the group of process 1). So
the daemon goes into `<lab>/init.scope` and its instances come to `<lab>/lxc.payload.*`. With cgroup 2 it has
to be so: a group that holds processes, such as a login session's, cannot hand controllers to groups below.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError
from lab.paths import LabPaths

TREE = Path("/sys/fs/cgroup")
LEAF = "init.scope"
PAYLOAD = "lxc.payload."
RELEASE_SECONDS = 10
# Hierarchies of the first kind start a group of cpusets empty, and no process can enter an empty one.
INHERITED = ("cpuset.cpus", "cpuset.mems")
# With the default weight, all hosts together get as much CPU as one busy process beside the lab: with a compiler
# running, BFD's 400 ms pass before a router has its turn, and lines that are well die. Much more starves the kernel's
# own workers, which stand beside the lab and do its reading and writing (docs/decisions/0087). With 8 times that, the
# lab is by weight 89% of what one neighbour and it fight for, and takes nothing from anybody while its hosts idle.
# In hierarchies of the first kind this counts beside the lab's group only, below the group of whoever starts it.
TIMES = 8
WEIGHTS: Mapping[str, int] = {"cpu.shares": TIMES * 1024, "cpu.weight": TIMES * 100}


def places(own_groups: str, name: str, *, unified: bool) -> list[str]:
    """Where the lab's group belongs, relative to the tree, from the text of /proc/self/cgroup.

    In hierarchies of the first kind it is below the group of whoever starts the lab, so a limit set there
    holds for the lab too. In the second kind that group may hold processes, so it is at the top.
    """
    found = []
    for line in own_groups.splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0":
            found.append(name if unified else f"unified/{name}")
        else:
            found.append(f"{controllers.removeprefix('name=')}/{path.strip('/')}/{name}".replace("//", "/"))
    return found


def make(paths: LabPaths) -> list[Path]:
    """Make the lab's groups and return the leaves that its first process is to enter."""
    unified = (TREE / "cgroup.controllers").exists()
    leaves = []
    for place in places(Path("/proc/self/cgroup").read_text(), paths.cgroup, unified=unified):
        group = TREE / place
        if not group.parent.is_dir():
            continue  # a hierarchy that is known to the kernel and mounted nowhere
        for part in (group, group / LEAF):
            part.mkdir(exist_ok=True)
            _inherit(part)
        weigh(group)
        leaves.append(group / LEAF)
    return leaves


def weigh(group: Path) -> None:
    """Give `group` the lab's weight, by whichever of the two kinds of file it has; most hierarchies have none."""
    for setting, weight in WEIGHTS.items():
        file = group / setting
        if file.exists():
            file.write_text(str(weight))


def remove(paths: LabPaths) -> None:
    """Remove the lab's groups; called when the lab's processes have been ended.

    Raises LabError if one of them is still in its group 10 s later.
    """
    deadline = time.monotonic() + RELEASE_SECONDS
    for group in list(_find(paths.cgroup)):
        while not _removed(group):
            if time.monotonic() > deadline:
                raise LabError(
                    f"a process of the lab does not leave {group}", "run `omi lab down` again later"
                )
            time.sleep(0.05)


def instances(paths: LabPaths) -> int:
    """How many of the lab's instances have a group, which is how many have been started."""
    hierarchies = [sum(1 for _ in group.glob(f"{PAYLOAD}*")) for group in _find(paths.cgroup)]
    return max(hierarchies, default=0)


@dataclass(frozen=True)
class MemoryUse:
    """Memory of the lab's group in bytes: its processes' and the kernel's own for them, and files.

    files: what the kernel keeps of files, and gives up when somebody else needs the room.
    """

    own: int = 0
    files: int = 0


def memory(paths: LabPaths) -> MemoryUse:
    """The memory of the lab's daemon and instances; nothing where the kernel does not account for it."""
    for group in _find(paths.cgroup):
        for name in ("memory.current", "memory.usage_in_bytes"):
            if (group / name).exists():
                return memory_use((group / name).read_text(), (group / "memory.stat").read_text())
    return MemoryUse()


def memory_use(charged: str, statistics: str) -> MemoryUse:
    """From what a group and those below it are charged for, and its memory.stat, of either kind of hierarchy."""
    rows = dict(line.split(maxsplit=1) for line in statistics.splitlines())
    files = int(rows.get("total_cache", rows.get("file", 0)))
    return MemoryUse(max(0, int(charged) - files), files)


def exist(paths: LabPaths) -> bool:
    """Whether any of the lab's groups is there."""
    return next(_find(paths.cgroup), None) is not None


def _find(name: str) -> Iterator[Path]:
    for directory, below, _ in os.walk(TREE):
        if name in below:
            below.remove(name)
            yield Path(directory) / name


def _removed(group: Path) -> bool:
    try:
        for below, _, _ in os.walk(group, topdown=False):
            Path(below).rmdir()
    except OSError:
        return False  # the kernel keeps a group until its last process is wholly gone
    return True


def _inherit(group: Path) -> None:
    for setting in INHERITED:
        file = group / setting
        if file.exists() and not file.read_text().strip():
            file.write_text((group.parent / setting).read_text())
