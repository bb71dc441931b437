"""The verdict on a declaration as it is written to disk: made by the capacity model, read by whoever builds.

It is keyed by the declaration's digest, so that a verdict on another declaration is never taken for this
one's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from inventory.quantity import Frozen

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Figure = float | None
"""None: it never ends."""


class LevelVerdict(Frozen):
    """One promise, held against the failure in which it fares worst."""

    level: str
    """As in service_levels."""
    regime: Literal["normal", "degraded"]
    unit: Literal["s", "%"]
    limit: float
    figure: Figure
    """Mean over the runs."""
    low: Figure
    high: Figure
    """95% confidence interval of the mean."""
    margin: Figure
    """What is left of the limit, in per cent of it, counted from ``high``; below 0 where the promise is
    broken.
    """
    worst_case: str
    runs: int
    passed: bool


class Hinge(Frozen):
    """A quantity whose change alone would break a promise."""

    level: str
    regime: Literal["normal", "degraded"]
    quantity: str
    """Its path in cloud.yaml."""
    value: float
    unit: str
    source: str
    flips_at: float
    """In the same unit."""


class Verdict(Frozen):
    """Whether the declaration keeps its promises."""

    version: Literal[1] = 1
    digest: Digest
    cities: tuple[str, ...]
    passed: bool
    cases: int
    runs: int
    levels: tuple[LevelVerdict, ...]
    hinges: tuple[Hinge, ...]


def directory(checkout: Path) -> Path:
    """Where a checkout keeps its verdicts."""
    return checkout / ".cache" / "verdict"


def file_name(digest: str) -> str:
    """The name of the file that holds the verdict on the declaration with this digest."""
    return f"{digest}.json"


def read_verdict(directory: Path, digest: str) -> Verdict | None:
    """The verdict on the declaration with ``digest``; None if ``directory`` holds none that can be used."""
    try:
        verdict = Verdict.model_validate_json((directory / file_name(digest)).read_bytes())
    except (OSError, ValidationError):
        return None
    return verdict if verdict.digest == digest else None
