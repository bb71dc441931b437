"""Results kept on disk: what was interrupted goes on where it stopped, and nothing is computed twice."""

from __future__ import annotations

import hashlib
import json
import math
from functools import cache, lru_cache
from pathlib import Path

from capacity.figures import Figures
from capacity.layout import Layout
from capacity.parameters import Parameters
from capacity.run import Job

ABOUT_RESULTS = frozenset(
    (
        *("charts", "commands", "load", "night_load", "progress", "report", "report_text", "tables"),
        *(
            "availability",
            "buying",
            "growth",
            "hinges",
            "limits",
            "screening",
            "statistics",
            "store",
            "verdict",
            "workers",
        ),
    )
)
"""Modules that no run's figures depend on: they choose runs, or show what came of them."""


@cache
def model_fingerprint() -> str:
    """SHA-256 of the model's own source: a result of another version of it is no result of this one."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        if path.stem not in ABOUT_RESULTS:
            digest.update(path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=256)
def text_digest(part: Layout | Parameters) -> str:
    """SHA-256 of everything in ``part``."""
    return hashlib.sha256(repr(part).encode()).hexdigest()


def key(job: Job) -> str:
    """What a result of ``job`` is kept under: SHA-256 of all that it depends on."""
    meaning = [
        model_fingerprint(),
        text_digest(job.layout),
        text_digest(job.parameters),
        repr((job.case, job.seed, job.parts)),
    ]
    return hashlib.sha256("\n".join(meaning).encode()).hexdigest()


class Store:
    """Results in one file, a line each, written as they come. A line cut short by a crash is not read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known = dict(filter(None, map(parse, read_lines(path))))

    def find(self, job: Job) -> Figures | None:
        """The figures of ``job``, if they are known."""
        return self.known.get(key(job))

    def keep(self, job: Job, figures: Figures) -> None:
        """Remember the figures of ``job``. Raises OSError if they cannot be written."""
        self.known[key(job)] = figures
        self.path.parent.mkdir(parents=True, exist_ok=True)
        values = [value if math.isfinite(value) else None for value in figures]
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([key(job), *values]) + "\n")


def read_lines(path: Path) -> list[str]:
    """The lines of a file; none if there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []


def parse(line: str) -> tuple[str, Figures] | None:
    """Key and figures of one line; None if it is none."""
    try:
        name, *values = json.loads(line)
        return name, Figures(*(math.inf if value is None else float(value) for value in values))
    except (ValueError, TypeError):
        return None
