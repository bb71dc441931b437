"""What a drill measured, as it is kept in measurements/<drill>.json: figures, when, on what, of which declaration."""

from __future__ import annotations

import datetime
import os
import re
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from inventory.quantity import Frozen
from lab.files import write_atomically
from omi.drill.objectives import Figures, Judged


class Machine(Frozen):
    """What the lab ran on."""

    processor: str
    cores: int
    memory_bytes: int


class Limit(Frozen):
    """A declared objective as it was then."""

    figure: str
    limit: float
    source: str


class Repetition(Frozen):
    """One playing."""

    at: str
    """ISO 8601, when it ended."""
    figures: dict[str, float | None]
    """Seconds or rows. None: it never came to an end."""
    kept: bool
    """Whether every objective was met."""


class Spread(Frozen):
    """Of one figure over all repetitions; None where it once never came to an end."""

    least: float | None
    median: float | None
    most: float | None


class Measurement(Frozen):
    """A drill's last run."""

    version: Literal[1] = 1
    drill: str
    measured_at: str
    machine: Machine
    commit: str
    """Of the checkout; ends with ``+`` where it had uncommitted changes."""
    digest: str
    """Of the declaration."""
    lab: str | None = None
    """Id of the lab (lab.identity): another one tells nothing of this. None: of before labs had one."""
    kept: bool
    objectives: tuple[Limit, ...]
    repetitions: tuple[Repetition, ...] = Field(min_length=1)
    summary: dict[str, Spread]


def spread(values: Sequence[float | None]) -> Spread:
    """Least, median and most."""
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values):
        return Spread(least=min(numbers, default=None), median=None, most=None)
    return Spread(least=min(numbers), median=statistics.median(numbers), most=max(numbers))


def rounded(figures: Figures) -> Figures:
    """To milliseconds: nothing here is known more exactly."""
    return {name: None if value is None else round(value, 3) for name, value in figures.items()}


def measurement(
    drill: str,
    judged: Sequence[Judged],
    repetitions: Sequence[Repetition],
    machine: Machine,
    commit: str,
    digest: str,
    lab: str,
) -> Measurement:
    """All repetitions of a drill put together. ``judged``: the objectives, with whatever figures."""
    names = dict.fromkeys(name for repetition in repetitions for name in repetition.figures)
    return Measurement(
        drill=drill,
        measured_at=repetitions[-1].at,
        machine=machine,
        commit=commit,
        digest=digest,
        lab=lab,
        kept=all(repetition.kept for repetition in repetitions),
        objectives=tuple(Limit(figure=one.figure, limit=one.limit, source=one.source) for one in judged),
        repetitions=tuple(repetitions),
        summary={name: spread([r.figures.get(name) for r in repetitions]) for name in names},
    )


def file_of(folder: Path, drill: str) -> Path:
    """Where a drill's last run is kept."""
    return folder / f"{drill}.json"


def write(folder: Path, done: Measurement) -> None:
    """Keep it."""
    write_atomically(file_of(folder, done.drill), done.model_dump_json(indent=1) + "\n")


def read(folder: Path, drill: str) -> Measurement | None:
    """A drill's last run; None where there is none, or none that can be read."""
    try:
        return Measurement.model_validate_json(file_of(folder, drill).read_bytes())
    except (OSError, ValidationError):
        return None


def this_machine() -> Machine:
    """What we run on."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        processor=model[1] if model else "unknown", cores=len(os.sched_getaffinity(0)), memory_bytes=memory
    )


def this_commit(checkout: Path) -> str:
    """The checkout's commit, short, with ``+`` where something is not committed; ``unknown`` outside git."""
    words = ("git", "-C", str(checkout), "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def now() -> str:
    """ISO 8601, to the second, in UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
