"""Whether a declaration keeps its promises, how sure that is, and in which failure it fares worst."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from capacity.failures import Regime, left, single_failures
from capacity.figures import Figures
from capacity.layout import Layout, layout
from capacity.parameters import Parameters, parameters
from capacity.run import Case, Job
from capacity.statistics import Interval, interval
from inventory.digest import digest
from inventory.model import Cloud
from inventory.service_levels import Promise, ServiceLevels
from inventory.verdict import Hinge, LevelVerdict, Verdict, directory, file_name

FEWEST_SEEDS, MORE_SEEDS, MOST_SEEDS = 5, 5, 40
REGIMES: tuple[Regime, ...] = ("normal", "degraded")
SHARED = ("edge", "leg", "data_center")
"""Parts whose failure all cities feel: these are run with every width of the morning's bell."""


class Runner(Protocol):
    """Whatever runs jobs: see :class:`capacity.workers.Workers`."""

    def run(self, jobs: Sequence[Job]) -> list[Figures]:
        """The figures of ``jobs``, in their order."""


@dataclass(frozen=True)
class Model:
    """A declaration as the model sees it."""

    layout: Layout
    parameters: Parameters
    levels: ServiceLevels

    def promise(self, regime: Regime) -> Promise:
        """What is promised in ``regime``."""
        return self.levels.normal if regime == "normal" else self.levels.degraded

    def regime(self, case: Case) -> Regime:
        """Which promise holds in ``case``."""
        return left(self.layout, frozenset(case.failure.parts)).regime


@dataclass(frozen=True)
class Worst:
    """The case in which a promise fares worst."""

    level: str
    regime: Regime
    limit: float
    case: Case
    interval: Interval
    runs: int

    @property
    def passed(self) -> bool:
        """Whether the upper end of the interval keeps the promise."""
        return self.interval.high <= self.limit

    @property
    def undecided(self) -> bool:
        """Whether more runs could change the answer."""
        return self.interval.low <= self.limit < self.interval.high


def path(checkout: Path, digest: str) -> Path:
    """Where the verdict on the declaration with ``digest`` lies in a checkout."""
    return directory(checkout) / file_name(digest)


def model(cloud: Cloud) -> Model:
    """The model of ``cloud``."""
    return Model(layout(cloud), parameters(cloud), cloud.file.service_levels)


def cases(one: Model) -> tuple[Case, ...]:
    """Every single failure in the everyday morning; those that all cities feel in the harder mornings as
    well.
    """
    everyday, *harder = one.parameters.widths_s
    failures = list(single_failures(one.layout))
    shared = [failure for failure in failures if all(part.kind in SHARED for part in failure.parts)]
    return (
        *(Case(failure, everyday) for failure in failures),
        *(Case(failure, width) for width in harder for failure in shared),
    )


def observe(one: Model, cases: Iterable[Case], runner: Runner) -> dict[Case, list[Figures]]:
    """Figures of every case: a few seeds for all, more for those on which a promise hangs undecided."""
    figures: dict[Case, list[Figures]] = {case: [] for case in cases}
    due = list(figures)
    while due:
        jobs = [
            Job(one.layout, one.parameters, case, seed)
            for case in due
            for seed in range(len(figures[case]) + 1, len(figures[case]) + 1 + more(figures[case]))
        ]
        for job, result in zip(jobs, runner.run(jobs), strict=True):
            figures[job.case].append(result)
        undecided = {worst.case for worst in worst_cases(one, figures) if worst.undecided}
        due = [case for case in figures if case in undecided and len(figures[case]) < MOST_SEEDS]
    return figures


def more(done: list[Figures]) -> int:
    """How many seeds come next."""
    return MORE_SEEDS if done else FEWEST_SEEDS


def worst_cases(one: Model, figures: dict[Case, list[Figures]]) -> list[Worst]:
    """For every promise that some case is held against, the case with the highest upper end of its interval."""
    result = []
    for regime in REGIMES:
        own = {case: runs for case, runs in figures.items() if one.regime(case) == regime}
        for level in Figures._fields:
            limit = getattr(one.promise(regime), level).base
            candidates = [
                Worst(level, regime, limit, case, interval([getattr(run, level) for run in runs]), len(runs))
                for case, runs in own.items()
            ]
            if candidates:
                result.append(max(candidates, key=lambda worst: worst.interval.high))
    return result


def write_up(
    cloud: Cloud, worst: Sequence[Worst], figures: dict[Case, list[Figures]], hinges: tuple[Hinge, ...] = ()
) -> Verdict:
    """The verdict as it is written to disk."""
    return Verdict(
        digest=digest(cloud),
        cities=tuple(city.name for city in cloud.cities),
        passed=all(one.passed for one in worst),
        cases=len(figures),
        runs=sum(len(runs) for runs in figures.values()),
        levels=tuple(level_verdict(one) for one in worst),
        hinges=hinges,
    )


def level_verdict(worst: Worst) -> LevelVerdict:
    """One promise as it is written to disk: shares in per cent."""
    share = worst.level == "sign_in_refused"
    factor = 100.0 if share else 1.0
    mean, low, high = (finite(value * factor) for value in worst.interval)
    limit = worst.limit * factor
    return LevelVerdict(
        level=worst.level,
        regime=worst.regime,
        unit="%" if share else "s",
        limit=limit,
        figure=mean,
        low=low,
        high=high,
        margin=None if high is None or limit == 0 else 100 * (1 - high / limit),
        worst_case=worst.case.name,
        runs=worst.runs,
        passed=worst.passed,
    )


def finite(value: float) -> float | None:
    """``value``, None for what has no end."""
    return value if math.isfinite(value) else None


def write(verdict: Verdict, checkout: Path) -> Path:
    """Put the verdict where builders look for it, whole or not at all. Raises OSError if it cannot be."""
    target = path(checkout, verdict.digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(verdict.model_dump_json(indent=1) + "\n", encoding="utf-8")
    draft.replace(target)
    return target
