"""What is copied to the backup center, how often, for how long, and from when on its absence is an alarm."""

from __future__ import annotations

from typing import Any, Self

from pydantic import model_validator

from inventory.quantity import Count, Duration, Frozen, Size


class Rhythm(Frozen):
    """Something that is done again and again."""

    every: Duration
    red_after: Duration
    """Once the last good one is older than this, the check turns red."""

    @model_validator(mode="after")
    def _has_time(self) -> Self:
        if self.red_after.base <= self.every.base:
            raise ValueError(
                "red before the next one is due; write a red_after that is longer than every, and not by seconds"
            )
        return self


class DatabaseBackups(Frozen):
    """Backups of the databases' cluster, and the archive of its log (WAL)."""

    starts: Duration
    """Time of day, from midnight."""
    full: Rhythm
    differential: Rhythm
    """Of any kind: a full backup counts as well."""
    kept: Count
    """Full backups, each with its differential ones and the log from it on."""
    archived: Rhythm
    """``every``: a segment is pushed through the archive to see it arrive."""
    queue: Size
    """The most log that a primary keeps for a backup center that is lost. Above it, log is dropped: the archive
    has a gap, the check is red, and a new backup is taken once the center is back."""
    verified: Rhythm
    """Every byte in the repository is held against its checksum."""
    restored: Rhythm
    """The last backup is restored and compared with the databases, row by row."""


class FileBackups(Frozen):
    """Backups of the cities' file shares."""

    copied: Rhythm
    kept_whole: Duration
    """Every snapshot is kept this long."""
    kept_daily: Duration
    """The last snapshot of each day is kept this long."""
    verified: Rhythm
    restored: Rhythm


class Backups(Frozen):
    """Both kinds."""

    databases: DatabaseBackups
    files: FileBackups


def backup_variables(backups: Backups) -> dict[str, Any]:
    """What the roles of backups need to know: whole seconds, bytes, and how many."""
    return {"databases": plain(backups.databases), "files": plain(backups.files)}


def plain(declared: Frozen) -> dict[str, Any]:
    """A declared thing with its quantities as whole numbers of their base unit."""
    found: dict[str, Any] = {}
    for name in type(declared).model_fields:
        value = getattr(declared, name)
        found[name] = plain(value) if isinstance(value, Rhythm) else round(value.base)
    return found
