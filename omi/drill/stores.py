"""The store of the databases' backups as a drill reaches it (role backup: `omi-backup VERB` on it)."""

from __future__ import annotations

import shlex
import time

from lab.errors import LabError
from omi.drill.reach import Lab

REPOSITORY = "/var/lib/pgbackrest"
ASIDE = "/var/lib/pgbackrest-drill"
"""Where a drill keeps what it takes away or damages; on the repository's own file system, out of its sight."""
LONGEST = 900
"""Seconds that a verification or a restore may take."""
GREEN_WITHIN = 120
"""Seconds; the check looks again each minute."""


def host(lab: Lab) -> str:
    """The store in the databases' zone."""
    zone = lab.hosts_of(lab.topology.backup_center.name, "db")[0].zone
    stores = lab.hosts_of(lab.topology.backup_center.name, "store")
    return next(store.name for store in stores if store.zone == zone)


def told(lab: Lab, verb: str) -> tuple[bool, str]:
    """Whether `omi-backup VERB` finds all well, and what it says. Raises LabError where it cannot be asked."""
    words = f"omi-backup {verb} 2>&1; echo status=$?"
    said, _, status = lab.on(host(lab), words, seconds=LONGEST).rpartition("status=")
    if status.strip() not in ("0", "1"):
        raise LabError(
            f"`omi-backup {verb}` ended with status {status.strip()}: {said[-300:]}", "see the store"
        )
    return status.strip() == "0", said.strip()


def await_red(lab: Lab, verb: str, word: str, seconds: float) -> float | None:
    """Seconds until `omi-backup VERB` finds something wrong and its words hold ``word``; None if it never does."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        well, said = told(lab, verb)
        if not well and word.lower() in said.lower():
            return time.monotonic() - begun
        time.sleep(1)
    return None


def await_green(lab: Lab, seconds: float = GREEN_WITHIN) -> None:
    """Wait until the check finds all well. Raises LabError, which quotes it."""
    deadline = time.monotonic() + seconds
    while True:
        well, said = told(lab, "check")
        if well:
            return
        lab.say(f"waiting: backup {said.splitlines()[0] if said else 'check'}")
        if time.monotonic() > deadline:
            raise LabError(
                f"the check of the backups is not green: {said[-300:]}", "see `omi-backup check` on the store"
            )
        time.sleep(5)


def last_backup(lab: Lab) -> str:
    """The label of the newest backup. Raises LabError where there is none."""
    words = f"ls -1d {REPOSITORY}/backup/omi/[0-9]*F* | tail -1"
    found = lab.on(host(lab), words).strip()
    if not found:
        raise LabError("there is no backup of the databases", "take one: `omi-backup backup` on the store")
    return found.rpartition("/")[2]


def put_aside(lab: Lab, file: str, keep: bool) -> None:
    """Move ``file`` out of the repository's sight, or, to ``keep`` it there, copy it."""
    target = f"{ASIDE}/{file.replace('/', '%')}"
    how = "cp -a" if keep else "mv"
    lab.on(host(lab), f"mkdir -p -m 700 {ASIDE} && {how} {shlex.quote(file)} {shlex.quote(target)}")


def put_back(lab: Lab, file: str) -> None:
    """Give ``file`` back as it was, if it had been put aside; the very file, where it had been moved."""
    target = shlex.quote(f"{ASIDE}/{file.replace('/', '%')}")
    lab.on(host(lab), f"if [ -e {target} ]; then mv -f {target} {shlex.quote(file)}; fi")
