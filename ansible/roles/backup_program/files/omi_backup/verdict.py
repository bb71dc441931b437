"""Is there a backup that can be relied on? Pure: facts and limits in, every reason for an alarm out.

Nothing to look at is never "nothing wrong": what has not been found, verified or restored is itself a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from omi_backup.record import Record

HOUR = 3600.0


class Reason(NamedTuple):
    """Why the check is red: a word for machines, a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True)
class DatabaseLimits:
    """The oldest each thing may be, in seconds."""

    full: float
    backup: float
    archived: float
    verified: float
    restored: float


@dataclass(frozen=True)
class DatabaseFacts:
    """What was found about the databases' backups."""

    now: float
    trouble: str | None
    """What pgBackRest itself says is wrong, if it does."""
    full_at: float | None
    """When the last good full backup ended."""
    backup_at: float | None
    """When the last good backup of any kind ended."""
    gaps: tuple[str, ...]
    """Log that is missing from the archive since the last backup began."""
    gone: int
    """Files of the archive that were there, are still needed, and are not there any more."""
    probe: Record | None
    verified: Record | None
    restored: Record | None


@dataclass(frozen=True)
class FileLimits:
    """The oldest each thing may be, in seconds."""

    copied: float
    verified: float
    restored: float


@dataclass(frozen=True)
class FileFacts:
    """What was found about one city's file backups."""

    city: str
    now: float
    snapshots: tuple[float, ...]
    """When each arrived."""
    ahead: int
    """Snapshots that say they are from the future."""
    verified: Record | None
    restored: Record | None


def database_reasons(facts: DatabaseFacts, limits: DatabaseLimits) -> list[Reason]:
    """Every reason why the databases' backups cannot be relied on; none if they can."""
    return list(_database(facts, limits))


def _database(facts: DatabaseFacts, limits: DatabaseLimits) -> Iterator[Reason]:
    if facts.trouble:
        yield Reason("repository", facts.trouble)
    yield from _age("full", "full backup", facts.full_at, limits.full, facts.now)
    yield from _age("backup", "backup", facts.backup_at, limits.backup, facts.now)
    for gap in facts.gaps:
        yield Reason("gap", f"the archive lacks {gap}: no point in time after it can be restored")
    if facts.gone:
        yield Reason(
            "gone", f"{facts.gone} files have gone from the archive; omi-backup put-back restores them"
        )
    yield from _job("archive", "log arrived in the archive", facts.probe, limits.archived, facts.now)
    yield from _job("verify", "verification", facts.verified, limits.verified, facts.now)
    yield from _job("restore", "restore", facts.restored, limits.restored, facts.now)


def file_reasons(every: list[FileFacts], limits: FileLimits) -> list[Reason]:
    """Every reason why some city's file backups cannot be relied on. No city at all is a reason too."""
    if not every:
        return [Reason("nothing", "there is no city's repository to look at")]
    return [reason for facts in every for reason in _files(facts, limits)]


def _files(facts: FileFacts, limits: FileLimits) -> Iterator[Reason]:
    for code, text in (
        *_age("snapshot", "snapshot", max(facts.snapshots, default=None), limits.copied, facts.now),
        *_job("verify", "verification", facts.verified, limits.verified, facts.now),
        *_job("restore", "restore", facts.restored, limits.restored, facts.now),
    ):
        yield Reason(code, f"{facts.city}: {text}")
    if facts.ahead:
        yield Reason("ahead", f"{facts.city}: {facts.ahead} snapshots say they are from the future")


def _age(code: str, what: str, at: float | None, limit: float, now: float) -> Iterator[Reason]:
    if at is None:
        yield Reason(code, f"there is no {what}")
    elif now - at > limit:
        yield Reason(code, f"the last {what} is {hours(now - at)} old; {hours(limit)} is the most")
    elif at - now > HOUR:
        yield Reason(code, f"the last {what} is from the future: which clock is wrong?")


def _job(code: str, what: str, record: Record | None, limit: float, now: float) -> Iterator[Reason]:
    """A job that never ran, found faults the last time, or was last well too long ago."""
    if record is None:
        yield Reason(code, f"there was no {what} yet")
    elif record.good_at is None or now - record.good_at > limit:
        since = "ever" if record.good_at is None else f"for {hours(now - record.good_at)}"
        told = f": {'; '.join(record.faults[:3])}" if record.faults else ""
        yield Reason(code, f"no good {what} {since}{told}")
    elif record.faults and code != "archive":  # a probe that failed once may have met a switchover
        yield Reason(code, f"{what}: {'; '.join(record.faults[:3])}")


def hours(seconds: float) -> str:
    """A length of time as people say it."""
    return f"{seconds / HOUR:.1f} h" if seconds >= HOUR else f"{seconds / 60:.0f} min"
