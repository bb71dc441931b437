"""One run of the model: one failure, one width of the morning's bell, one seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from capacity.failures import Failure, left, outage_s
from capacity.figures import Figures
from capacity.layout import Layout
from capacity.morning import Morning, morning
from capacity.night import done_within
from capacity.parameters import Parameters
from capacity.replication import lag_s

Part = Literal["morning", "replication", "night"]
WHOLE_DAY: tuple[Part, ...] = ("morning", "replication", "night")


@dataclass(frozen=True)
class Case:
    """A failure and the width, s, within which 95% of the people arrive."""

    failure: Failure
    width_s: float

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.failure.name}, {self.width_s / 60:g} min peak"


@dataclass(frozen=True)
class Job:
    """All that a run depends on. The same job gives the same figures, wherever it runs."""

    layout: Layout
    parameters: Parameters
    case: Case
    seed: int
    parts: tuple[Part, ...] = WHOLE_DAY
    """Of the day, those that are run; figures of the others are 0."""


def simulate(job: Job) -> Figures:
    """The figures of one run."""
    layout, parameters, failure = job.layout, job.parameters, job.case.failure
    now = left(layout, frozenset(failure.parts))
    rush, lag, backup = Morning(0.0, 0.0, 0.0), 0.0, 0.0
    if "morning" in job.parts:
        rush = morning(layout, parameters, now, job.case.width_s, job.seed)
    if "replication" in job.parts:
        lag = lag_s(layout, parameters, failure, job.seed)
    if "night" in job.parts:
        backup = done_within(layout, parameters, failure, now, job.seed)
    return Figures(*rush, lag, backup, outage_s(layout, parameters, failure))
