"""The cities' file backups, seen from the store: judged by when they arrived, verified, restored, thinned out.

The sender can add snapshots and say anything about them, their times too; it cannot remove any. So what may go is
decided here, by the time each snapshot arrived at this host, and with a key that the sender does not have.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, NamedTuple

from omi_backup.locks import when_free
from omi_backup.record import recall
from omi_backup.run import FailedError, must, printed, run
from omi_backup.settings import FileSettings
from omi_backup.verdict import FileFacts

DAY = 86400.0
AHEAD = 600.0
"""Seconds that a sender's clock may be ahead."""
LONGEST = 6 * 3600.0
"""Seconds for restic to read a city's whole repository."""
MANIFEST = "manifest.json"


class Arrived(NamedTuple):
    """A snapshot in the repository and when this host received it, in seconds since 1970."""

    identity: str
    at: float


def facts(settings: FileSettings, city: str, now: float) -> FileFacts:
    """What is found about ``city``, without opening its repository."""
    verified = recall(settings.records, f"verify-{city}")
    return FileFacts(
        city,
        now,
        tuple(snapshot.at for snapshot in arrived(settings, city)),
        int(verified.found.get("ahead", 0)) if verified else 0,
        verified,
        recall(settings.records, f"restore-{city}"),
    )


def arrived(settings: FileSettings, city: str) -> list[Arrived]:
    """The city's snapshots, oldest first."""
    folder = settings.repositories / city / "snapshots"
    found = [Arrived(path.name, path.stat().st_mtime) for path in folder.glob("*") if path.is_file()]
    return sorted(found, key=lambda snapshot: snapshot.at)


def forgettable(snapshots: Iterable[Arrived], now: float, whole: float, daily: float) -> list[str]:
    """Snapshots that need not be kept: all stay for ``whole`` seconds, the last of each day for ``daily``.

    The newest stays whatever its age: if a city sends nothing any more, its last state is all there is.
    """
    ordered = sorted(snapshots, key=lambda snapshot: snapshot.at)
    last_of_day = {int(snapshot.at // DAY): snapshot.identity for snapshot in ordered}
    kept = {*last_of_day.values()}
    return [
        snapshot.identity
        for snapshot in ordered[:-1]
        if now - snapshot.at > (daily if snapshot.identity in kept else whole)
    ]


def restic(settings: FileSettings, city: str, *words: str) -> list[str]:
    """restic on the city's repository, straight on disk, with this host's own key."""
    repository = str(settings.repositories / city)
    key = str(settings.keys / city)
    return ["restic", "--no-cache", "-r", repository, "--password-file", key, *words]


def alone(settings: FileSettings, city: str, *words: str) -> None:
    """restic with the city's repository to itself: what the city is sending just now comes first."""

    def start(*words: str) -> CompletedProcess[str]:
        return run(restic(settings, city, *words), settings.user, LONGEST)

    printed(when_free(lambda: start(*words), lambda: start("unlock")))


def told(settings: FileSettings, city: str) -> list[dict[str, Any]]:
    """What the city's snapshots say about themselves, oldest first."""
    answer = json.loads(must(restic(settings, city, "snapshots", "--json", "--no-lock"), settings.user, 600))
    return sorted(answer or [], key=lambda snapshot: moment(snapshot["time"]))


def moment(text: str) -> float:
    """restic's time, which has nanoseconds, in seconds since 1970."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).timestamp()


def verify(settings: FileSettings, city: str) -> tuple[list[str], dict[str, Any]]:
    """Thin the repository out, then read every byte of it. What is wrong, and figures."""
    found: dict[str, Any] = {}
    try:
        snapshots = told(settings, city)
        if not snapshots:
            return ["there was nothing to verify"], found
        found = {"snapshots": len(snapshots)}
        found["ahead"] = sum(moment(one["time"]) > time.time() + AHEAD for one in snapshots)
        found["forgotten"] = thin_out(settings, city)
        alone(settings, city, "check", "--read-data")
    except (FailedError, ValueError) as error:
        return [str(error)], found
    return [], found


def thin_out(settings: FileSettings, city: str) -> int:
    """Remove what need not be kept. Returns how many snapshots went."""
    old = forgettable(arrived(settings, city), time.time(), settings.kept_whole, settings.kept_daily)
    if old:
        alone(settings, city, "forget", "--prune", *old)
    return len(old)


def restore_test(settings: FileSettings, city: str) -> tuple[list[str], dict[str, Any]]:
    """Restore a sample of the city's last snapshot and hold it against the sender's manifest. Wrong, and figures."""
    folder = settings.scratch / f"restore-{city}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    shutil.chown(folder, settings.user, settings.user)
    try:
        last = told(settings, city)[-1:]
        if not last:
            return ["there was no snapshot to restore"], {}
        return compared(settings, city, last[0], folder)
    except (FailedError, ValueError, OSError, KeyError) as error:
        return [str(error)], {}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def compared(
    settings: FileSettings, city: str, snapshot: dict[str, Any], folder: Path
) -> tuple[list[str], dict[str, Any]]:
    """Restore the manifest, then what it has us look at; every file that is not as the manifest says."""
    paths = {Path(path).name == MANIFEST: Path(path) for path in snapshot["paths"]}
    bring(settings, city, snapshot["id"], folder, [paths[True]])
    listed = json.loads((folder / paths[True].relative_to("/")).read_text())["files"]
    chosen = sample(listed, settings.sample_bytes, random.SystemRandom())
    bring(settings, city, snapshot["id"], folder, [paths[False] / name for name in chosen])
    share = folder / paths[False].relative_to("/")
    faults = unlike({name: listed[name] for name in chosen}, share)
    return faults, {"snapshot": snapshot["short_id"], "files": len(chosen), "of": len(listed)}


def bring(settings: FileSettings, city: str, snapshot: str, folder: Path, paths: list[Path]) -> None:
    """Restore ``paths`` of a snapshot into ``folder``."""
    words = [word for path in paths for word in ("--include", pattern(path))]
    command = restic(settings, city, "restore", snapshot, "--no-lock", "--target", str(folder), *words)
    must(command, settings.user, LONGEST)


def pattern(path: Path) -> str:
    """``path`` as a restic pattern that means just it."""
    return "".join(f"\\{character}" if character in "*?[\\" else character for character in str(path))


def sample(listed: dict[str, dict[str, Any]], most: int, chance: random.Random) -> list[str]:
    """Files drawn by chance up to ``most`` bytes, at least one, at most 500."""
    names = sorted(listed)
    chance.shuffle(names)
    chosen: list[str] = []
    left = most
    for name in names[:500]:
        if not chosen or listed[name]["size"] <= left:
            chosen.append(name)
            left -= listed[name]["size"]
    return chosen


def unlike(listed: dict[str, dict[str, Any]], share: Path) -> list[str]:
    """Files that are missing or not what the manifest says; a file written to during the backup is left out.

    A sample without a single file that could be compared is a fault.
    """
    faults, alike = [], 0
    for name, wanted in listed.items():
        path = share / name
        if not path.is_file():
            faults.append(f"{name} was not restored")
        elif hashlib.sha256(path.read_bytes()).hexdigest() == wanted["sha256"]:
            alike += 1
        elif path.stat().st_mtime_ns == wanted["mtime_ns"]:
            faults.append(f"{name} is not what it was")
    return faults if alike or faults else ["there was nothing to compare"]
