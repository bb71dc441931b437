"""What a job found, kept as JSON: the only thing that passes from one job to the next."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Record:
    """The outcome of a job. ``at`` in seconds since 1970; ``faults`` is empty if, and only if, all was well."""

    at: float
    faults: tuple[str, ...]
    found: dict[str, Any] = field(default_factory=dict)
    """Figures for people: how many files, rows, bytes."""
    good_at: float | None = None
    """When it was last well: ``at`` itself, or what an earlier record said."""


def remember(folder: Path, job: str, faults: list[str], found: dict[str, Any]) -> Record:
    """Write what ``job`` found just now to ``folder``, in one step, and return it."""
    now = time.time()
    before = recall(folder, job)
    good_at = now if not faults else before.good_at if before else None
    record = Record(now, tuple(faults), found, good_at)
    write(folder / f"{job}.json", json.dumps(asdict(record), ensure_ascii=False, indent=1) + "\n")
    return record


def recall(folder: Path, job: str) -> Record | None:
    """What ``job`` found last; None if it never ran, or left something that is not a record."""
    try:
        kept = json.loads((folder / f"{job}.json").read_text())
        return Record(kept["at"], tuple(kept["faults"]), kept["found"], kept["good_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(path: Path, text: str) -> None:
    """Put ``text`` into ``path`` so that a reader sees the old or the new, never half of it.

    Two that write at once, a job and the check that its timer starts, do not take each other's file away.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    fresh.write_text(text)
    fresh.chmod(0o644)
    fresh.replace(path)
