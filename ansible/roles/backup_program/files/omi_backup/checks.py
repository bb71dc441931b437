"""The check: gathers facts, has them judged, tells people (JSON), monitoring (metrics) and systemd (status)."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

from omi_backup import files, keeper, repository
from omi_backup.record import recall, write
from omi_backup.settings import DatabaseSettings, FileSettings
from omi_backup.verdict import (
    DatabaseFacts,
    DatabaseLimits,
    FileLimits,
    Reason,
    database_reasons,
    file_reasons,
)

CODES = (
    *("repository", "full", "backup", "gap", "gone", "archive", "verify", "restore"),
    *("nothing", "snapshot", "ahead"),
)
"""Every word that a reason may have: each is a series of its own, so that one that is not there is 0, not absent."""


def check(settings: DatabaseSettings | FileSettings) -> list[Reason]:
    """Why the backups kept on this host cannot be relied on; told everywhere. None if they can."""
    now = time.time()
    if isinstance(settings, FileSettings):
        ages = FileLimits(**{job: limit["red_after"] for job, limit in settings.limits.items()})
        facts = [files.facts(settings, city, now) for city in settings.cities]
        reasons, shown = file_reasons(facts, ages), [asdict(one) for one in facts]
    else:
        limits = DatabaseLimits(**{job: limit["red_after"] for job, limit in settings.limits.items()})
        found = database_facts(settings, now)
        reasons, shown = database_reasons(found, limits), [asdict(found)]
    state = {
        "at": now,
        "green": not reasons,
        "reasons": [reason._asdict() for reason in reasons],
        "facts": shown,
    }
    write(settings.state, json.dumps(state, ensure_ascii=False, indent=1) + "\n")
    if settings.metrics.parent.is_dir():
        write(settings.metrics, metrics(now, reasons))
    return reasons


def database_facts(settings: DatabaseSettings, now: float) -> DatabaseFacts:
    """What is found about the databases' backups."""
    held, trouble = repository.info(settings)
    fulls = [backup.stopped for backup in held if backup.kind == "full"]
    last = held[-1] if held else None
    return DatabaseFacts(
        now,
        trouble,
        max(fulls, default=None),
        last.stopped if last else None,
        tuple(repository.broken(settings, held)),
        len(keeper.missed(settings, held)) if settings.sealed.exists() else 0,
        recall(settings.records, "probe"),
        recall(settings.records, "verify"),
        recall(settings.records, "restore"),
    )


def metrics(now: float, reasons: list[Reason]) -> str:
    """For node_exporter's text files."""
    red = {reason.code for reason in reasons}
    lines = [
        "# HELP omi_backup_green 1 if the backups kept here can be relied on.",
        "# TYPE omi_backup_green gauge",
        f"omi_backup_green {int(not reasons)}",
        "# HELP omi_backup_red 1 for each reason why they cannot.",
        "# TYPE omi_backup_red gauge",
        *(f'omi_backup_red{{reason="{code}"}} {int(code in red)}' for code in CODES),
        "# HELP omi_backup_checked_seconds When that was found out, in seconds since 1970.",
        "# TYPE omi_backup_checked_seconds gauge",
        f"omi_backup_checked_seconds {now:.0f}",
    ]
    return "\n".join([*lines, ""])


def told(state: Path) -> str:
    """The last check's outcome, in lines for people."""
    kept = json.loads(state.read_text())
    return "\n".join([f"red: {reason['text']}" for reason in kept["reasons"]] or ["green"])
