"""The Incus daemon of the lab: its own directory, its own namespaces, and nothing of it left when it ends.

The daemon runs in a process and mount namespace of its own under `tini`. When that first process ends, for
whatever reason, the kernel ends every process of the lab and drops every mount (and with it the loop
device) at once. So there is no half-dead lab to tidy up after a kill: either all of it is there or none.
The next start brings up again the instances that ran, which is Incus's own habit.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lab import cgroups, incus, namespace, storage
from lab.commands import SEARCH_PATH, find_program, run
from lab.errors import LabError
from lab.paths import LabPaths

# The daemon's environment names its lab; that is how it is found again, without a pid file to go stale.
MARK = "OMI_LAB_DAEMON"
START_SECONDS = 60
# How long no further instance may start: configured hosts come up with all their services at once, and two cores
# are then busy for minutes. How long all of them take says nothing about whether something hangs.
STALL_SECONDS = 120
STOP_SECONDS = 60
RELEASE_SECONDS = 15

# Written to a control group, 0 means the writer itself. Then: sysfs shows the network namespace it was
# mounted in, so it is mounted anew; that hides the cgroup tree, which every container's systemd needs, so
# the tree is carried over.
INSIDE = """
for group in $GROUPS_TO_ENTER; do echo 0 > "$group/cgroup.procs"; done
mount --rbind /sys/fs/cgroup "$CARRIED"
mount -t sysfs sysfs /sys
mount --rbind "$CARRIED" /sys/fs/cgroup
unset GROUPS_TO_ENTER CARRIED
exec tini -- "$@"
"""

Step = Literal["keep", "start", "replace"]


@dataclass(frozen=True)
class Sight:
    """What is seen of the daemon: its first process runs, it answers, it lives in the namespace of today."""

    runs: bool
    answers: bool
    at_home: bool


def next_step(sight: Sight) -> Step:
    """What to do about the daemon: one that is deaf, or in a namespace that is gone, is replaced."""
    if not sight.runs:
        return "start"
    return "keep" if sight.answers and sight.at_home else "replace"


def look(paths: LabPaths) -> Sight:
    """Look at the daemon as it is now."""
    process = find(paths)
    if process is None:
        return Sight(runs=False, answers=False, at_home=False)
    at_home = process in namespace.members(paths)
    return Sight(runs=True, answers=incus.answers(paths), at_home=at_home)


def find(paths: LabPaths) -> int | None:
    """Process id, as the machine sees it, of the first process in the lab's process namespace, or None."""
    mark = f"{MARK}={paths.root}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0") and _is_first(process):
                return int(process.name)
        except OSError:
            continue  # ended while we looked
    return None


def bring_up(paths: LabPaths, detail: Callable[[str], None]) -> None:
    """Start the daemon, or replace one that is of no use, and wait until it and its instances are up."""
    if next_step(look(paths)) != "keep":
        detail("ending what is left of an earlier one")
        kill(paths)
        cgroups.remove(paths)
        namespace.forget_filters(paths)
        detail("starting")
        _launch(paths)
    _wait_until_ready(paths, detail)


def stop(paths: LabPaths, detail: Callable[[str], None]) -> None:
    """Stop all instances properly, then the daemon, then whatever is left of either."""
    if look(paths).answers:
        detail("stopping the instances")
        try:
            run(
                [_program("incus"), "admin", "shutdown", "--force", f"--timeout={STOP_SECONDS}"],
                env=environment(paths),
            )
        except LabError as error:
            # An instance or a daemon that will not stop by itself is no reason to leave the lab standing.
            detail(f"{error.message}: ending them by force")
    kill(paths)
    cgroups.remove(paths)


def is_gone(paths: LabPaths) -> bool:
    """Whether nothing of the daemon is left: no process and no control group."""
    return find(paths) is None and not cgroups.exist(paths)


def kill(paths: LabPaths) -> None:
    """End every process of the lab at once and wait until its pool is released.

    Raises LabError if that takes longer than 15 s.
    """
    process = find(paths)
    if process is not None:
        os.kill(process, signal.SIGKILL)
    deadline = time.monotonic() + RELEASE_SECONDS
    # The kernel unmounts a dead namespace's file systems a moment after its last process.
    while (process and Path(f"/proc/{process}").exists()) or storage.loop_devices(paths):
        if time.monotonic() > deadline:
            raise LabError(
                f"what is left of the lab's daemon ({process}) holds its pool", "restart the machine"
            )
        time.sleep(0.05)


def environment(paths: LabPaths) -> dict[str, str]:
    """Environment of the daemon, and of `incus` that is to speak with it; nothing of the user's own."""
    places = {
        "INCUS_DIR": str(paths.incus),
        "INCUS_CONF": str(paths.incus_client),
        "HOME": str(paths.incus_client),
    }
    return {"PATH": SEARCH_PATH, "LC_ALL": "C.UTF-8", **places}


def _launch(paths: LabPaths) -> None:
    cgroup_tree = paths.run / "cgroup"
    for directory in (paths.incus, paths.incus_client, paths.logs, cgroup_tree):
        directory.mkdir(parents=True, exist_ok=True)
    incusd = [_program("incusd"), "--group", "root", "--logfile", str(paths.logs / "incusd.log")]
    entering = ["nsenter", f"--net={paths.netns_file}"]
    apart = [
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child=KILL",
        "--mount-proc",
        "--propagation",
        "slave",
    ]
    groups = " ".join(str(group) for group in cgroups.make(paths))
    inside = {"GROUPS_TO_ENTER": groups, "CARRIED": str(cgroup_tree)}
    log = paths.logs / "daemon.log"
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    with log.open("wb") as output:
        subprocess.Popen(
            [*entering, *apart, "sh", "-ec", INSIDE, "sh", *incusd],
            env={**environment(paths), **inside, MARK: str(paths.root)},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _wait_until_ready(paths: LabPaths, detail: Callable[[str], None]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not incus.answers(paths):
        if time.monotonic() > deadline:
            last = (paths.logs / "daemon.log").read_text(errors="replace").splitlines()[-5:]
            raise LabError(
                "the lab's Incus does not start:\n" + "\n".join(last), f"see {paths.logs}/daemon.log"
            )
        time.sleep(0.1)
    _wait_for_instances(paths, detail)


def _wait_for_instances(paths: LabPaths, detail: Callable[[str], None]) -> None:
    """Wait until the daemon has started what ran before, for as long as it gets on with it."""
    started, since = 0, time.monotonic()
    while not incus.is_ready(paths):
        running = cgroups.instances(paths)
        if running != started:
            started, since = running, time.monotonic()
        if time.monotonic() - since > STALL_SECONDS:
            raise LabError(
                f"the lab's Incus started {started} of the instances that ran before, and no more for"
                f" {STALL_SECONDS} s",
                f"see {paths.logs}/incusd.log; `omi lab down` and `omi lab up` begin again",
            )
        detail(f"starting the instances that ran before: {started} run")
        time.sleep(0.5)


def _is_first(process: Path) -> bool:
    """Whether a process is number 1 of a process namespace below the machine's own."""
    for line in (process / "status").read_text().splitlines():
        if line.startswith("NSpid:"):
            numbers = line.split()[1:]
            return len(numbers) > 1 and numbers[-1] == "1"
    return False


def _program(name: str) -> str:
    program = find_program(name)
    if program is None:
        raise LabError(f"there is no {name} on this machine", "run `omi lab up`, which installs it")
    return program
