"""The databases' repository, asked through pgBackRest."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from omi_backup import wal
from omi_backup.run import FailedError, last_words, must, run
from omi_backup.settings import DatabaseSettings

COUNTED = re.compile(r"total (?:WAL|files) checked: (\d+)")
ARCHIVED = re.compile(r"([0-9A-F]{24})-[0-9a-f]{40}(?:\.\w+)?")


@dataclass(frozen=True)
class Backup:
    """A backup that is there and that pgBackRest finds sound; ``stopped`` in seconds since 1970."""

    label: str
    kind: str
    stopped: int
    first_segment: str
    last_segment: str
    archive: str
    """The archive it needs, such as 15-1."""


def command(settings: DatabaseSettings, *words: str) -> list[str]:
    """pgBackRest, as the repository's host uses it."""
    return ["pgbackrest", f"--config={settings.config}", f"--stanza={settings.stanza}", *words]


def info(settings: DatabaseSettings) -> tuple[list[Backup], str | None]:
    """The sound backups, oldest first, and what pgBackRest says is wrong with the stanza, if it does."""
    try:
        told = json.loads(must(command(settings, "info", "--output=json"), settings.user, 120))
    except (FailedError, ValueError) as error:
        return [], f"the repository cannot be read: {error}"
    if not told:
        return [], "the repository holds no stanza"
    status = told[0]["status"]
    return backups(told[0]), None if status["code"] == 0 else str(status["message"])


def backups(stanza: dict[str, Any]) -> list[Backup]:
    """The backups in pgBackRest's answer that have no error."""
    archive_of = {entry["database"]["id"]: entry["id"] for entry in stanza["archive"]}
    return sorted(
        (
            Backup(
                entry["label"],
                entry["type"],
                entry["timestamp"]["stop"],
                entry["archive"]["start"],
                entry["archive"]["stop"],
                archive_of.get(entry["database"]["id"], ""),
            )
            for entry in stanza["backup"]
            if not entry.get("error") and entry["archive"]["start"]
        ),
        key=lambda backup: backup.stopped,
    )


def archived(settings: DatabaseSettings, archive: str) -> list[str]:
    """Names of the segments in the archive called ``archive``, whatever their compression."""
    folder = settings.repository / "archive" / settings.stanza / archive
    found = (ARCHIVED.fullmatch(path.name) for path in folder.glob("*/*"))
    return [match[1] for match in found if match]


def broken(settings: DatabaseSettings, held: list[Backup]) -> list[str]:
    """What the archive lacks since the last backup began."""
    last = held[-1] if held else None
    return wal.gaps(archived(settings, last.archive), last.first_segment) if last else []


def probe(settings: DatabaseSettings) -> list[str]:
    """Have the primary close a segment and wait for it to arrive. Returns what is wrong; raises nothing."""
    try:
        done = run(command(settings, "--archive-timeout=60", "check"), settings.user, 300)
    except FailedError as error:
        return [str(error)]
    return [] if done.returncode == 0 else [last_words(done)]


def verify(settings: DatabaseSettings) -> tuple[list[str], dict[str, Any]]:
    """Hold every file against its checksum. Returns what is wrong, and how much was looked at."""
    try:
        said = must(command(settings, "verify", "--output=text", "--verbose"), settings.user)
    except FailedError as error:
        return [str(error)], {}
    return judged(said)


def judged(said: str) -> tuple[list[str], dict[str, Any]]:
    """What pgBackRest's verification means. Its exit status is 0 whatever it finds, and also if it finds nothing."""
    files = sum(int(match) for match in COUNTED.findall(said))
    backups_seen = sum(1 for line in said.splitlines() if line.strip().startswith("backup:"))
    faults = [
        line.strip() for line in said.splitlines() if re.search(r"(?:missing|invalid|other): [1-9]", line)
    ]
    if re.search(r"status: (?!ok|valid)\w+", said) and not faults:
        faults.append(" ".join(said.split())[:300])
    if not files or not backups_seen:
        faults.append("there was nothing to verify")
    return faults, {"files": files, "backups": backups_seen}


def wanted_kind(
    held: list[Backup], now: float, full_every: float, any_every: float, slack: float
) -> str | None:
    """Which backup is due: ``full``, ``diff`` or none. ``slack`` (s) is how early a nightly timer may come."""
    fulls = [backup.stopped for backup in held if backup.kind == "full"]
    if not fulls or now - max(fulls) > full_every - slack:
        return "full"
    return "diff" if now - held[-1].stopped > any_every - slack else None
