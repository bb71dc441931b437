"""What a host's jobs need to know, from /etc/omi/backup.json, which Ansible writes."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

CONFIG = Path("/etc/omi/backup.json")


@dataclass(frozen=True, kw_only=True)
class StoreSettings:
    """For a store of backups, whichever. Lengths of time in seconds."""

    limits: dict[str, dict[str, float]]
    """Name of a job to its ``every`` and ``red_after``."""
    scratch: Path = Path("/var/lib/omi/scratch")
    records: Path = Path("/var/lib/omi/backup")
    state: Path = Path("/var/lib/omi/backup-check.json")
    metrics: Path = Path("/var/lib/prometheus/node-exporter/omi_backup.prom")


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings(StoreSettings):
    """For bc-store1."""

    connection: str
    """libpq: how the primary is reached by a role that may read everything."""
    stanza: str = "omi"
    repository: Path = Path("/var/lib/pgbackrest")
    sealed: Path = Path("/var/lib/pgbackrest-sealed")
    config: Path = Path("/etc/pgbackrest/pgbackrest.conf")
    restore_config: Path = Path("/etc/pgbackrest/restore.conf")
    programs: Path = Path("/usr/lib/postgresql/15/bin")
    user: str = "postgres"


@dataclass(frozen=True, kw_only=True)
class FileSettings(StoreSettings):
    """For bc-store2: the cities' repositories."""

    cities: tuple[str, ...]
    kept_whole: float
    kept_daily: float
    sample_bytes: int
    """How much of a city's share a restore test reads back."""
    repositories: Path = Path("/srv/restic")
    keys: Path = Path("/etc/omi/backup-keys")
    """One file a city, with the password of a key that only this host has."""
    user: str = "restic"


def read(path: Path) -> DatabaseSettings | FileSettings:
    """The settings in ``path``. Raises ValueError, naming every key that is wrong."""
    given: dict[str, Any] = json.loads(path.read_text())
    kind: type[DatabaseSettings] | type[FileSettings] = (
        FileSettings if "cities" in given else DatabaseSettings
    )
    known = {field.name: field for field in fields(kind)}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"{path}: unknown keys: {', '.join(unknown)}; known: {', '.join(known)}")
    values: dict[str, Any] = {
        name: Path(value) if str(known[name].type) == "Path" else tuple(value) if name == "cities" else value
        for name, value in given.items()
    }
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(f"{path}: {error}") from error
