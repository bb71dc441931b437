"""As cities join: at which count each limit breaks, the smallest upgrade that mends it, and a rerun that
shows it.

One limit is looked at while all others are out of the way, so that each has a count of its own. The same
seeds are used throughout (common random numbers), and a city's random numbers are its own: a count differs
from the one before by the newcomer alone, and bisection finds the step.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from capacity.failures import left
from capacity.figures import Figures
from capacity.hinges import LEVELS_OF_PART
from capacity.layout import Layout
from capacity.limits import Limit, alone, sized
from capacity.parameters import Parameters
from capacity.run import Case, Job
from capacity.run import Part as DayPart
from capacity.verdict import Runner
from inventory.service_levels import ServiceLevels

SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Broken:
    """A promise that does not hold: its name, when, the mean over the seeds, and what was promised."""

    level: str
    regime: str
    case: str
    figure: float
    limit: float


@dataclass(frozen=True)
class LimitResult:
    """What became of one limit: the count at which it breaks (None: at none that was looked at), which
    promise, the smallest size of the catalogue that mends it at that count, and the one that holds at the
    last count.
    """

    limit: str
    declared: float
    breaks_at: int | None
    city: str | None
    broken: Broken | None
    mended_by: float | None
    enough_for_all: float | None
    largest: float | None = None
    """The largest size there is: of the catalogue, or the declared one if the catalogue has none above it."""

    @property
    def is_short(self) -> bool:
        """Whether it breaks and nothing that is sold is enough for the last count."""
        return self.breaks_at is not None and self.enough_for_all is None


@dataclass(frozen=True)
class Growth:
    """All limits; what had to be bought on top, as each was enough by itself and all together were not, step by
    step (limit and its new size); and what is broken at the last count even so.
    """

    cities: tuple[str, ...]
    limits: tuple[LimitResult, ...]
    still_broken: tuple[Broken, ...]
    bought: tuple[tuple[str, float], ...] = ()


class Grower:
    """Tries counts and sizes. ``layout`` has all cities, in the order in which they join."""

    def __init__(self, layout: Layout, parameters: Parameters, levels: ServiceLevels, runner: Runner) -> None:
        self.layout = layout
        self.parameters = parameters
        self.levels = levels
        self.runner = runner

    def broken(self, limits: Sequence[Limit], parameters: Parameters, count: int) -> list[Broken]:
        """The promises that do not hold with the first ``count`` cities, in the cases of ``limits``."""
        layout = self.layout.first(count)
        jobs = list(
            dict.fromkeys(
                Job(layout, parameters, case, seed, (limit.part,))
                for limit in limits
                for case in limit.situation(layout, parameters)
                for seed in SEEDS
            )
        )
        runs: dict[tuple[Case, DayPart], list[Figures]] = {}
        for job, figures in zip(jobs, self.runner.run(jobs), strict=True):
            runs.setdefault((job.case, job.parts[0]), []).append(figures)
        return [one for (case, part), own in runs.items() for one in self.judged(layout, case, part, own)]

    def judged(self, layout: Layout, case: Case, part: DayPart, runs: list[Figures]) -> list[Broken]:
        """The promises that do not hold on average over ``runs`` of one case."""
        regime = left(layout, frozenset(case.failure.parts)).regime
        promise = self.levels.normal if regime == "normal" else self.levels.degraded
        result = []
        for level in LEVELS_OF_PART[part]:
            figure = sum(getattr(run, level) for run in runs) / len(runs)
            limit = getattr(promise, level).base
            if figure > limit:
                result.append(Broken(level, regime, case.name, figure, limit))
        return result

    def break_point(self, limit: Limit, first: int) -> int | None:
        """The least count at which ``limit`` breaks a promise, all others being out of the way; None if none
        does.

        Doubles the count from ``first`` until a promise breaks, then halves the span in which it must have
        happened.
        """
        parameters, last = alone(self.parameters, limit), len(self.layout.cities)
        holds, count = 0, min(first, last)
        while not self.broken([limit], parameters, count):
            if count == last:
                return None
            holds, count = count, min(2 * count, last)
        while count - holds > 1:
            middle = (holds + count) // 2
            if self.broken([limit], parameters, middle):
                count = middle
            else:
                holds = middle
        return count

    def smallest(self, limit: Limit, sizes: Sequence[float], count: int) -> float | None:
        """The first of ``sizes`` (ascending) with which the promises hold at ``count``; None if none is enough.

        What is enough stays enough when it is larger, so the middle one is tried first.
        """
        parameters = alone(self.parameters, limit)
        place = bisect_left(
            sizes, True, key=lambda size: not self.broken([limit], sized(parameters, limit, size), count)
        )
        return sizes[place] if place < len(sizes) else None

    def size(self, limit: Limit, parameters: Parameters) -> float:
        """What there is of ``limit`` in ``parameters``; of city lines, the least."""
        own = float(getattr(parameters, limit.parameters[0]))
        if limit.parameters != ("line_least_bps",):
            return own
        return max(own, min(line.bps for city in self.layout.cities for line in city.lines))

    def result(self, limit: Limit, sizes: Sequence[float], first: int) -> LimitResult:
        """All that is to be said of one limit."""
        declared = self.size(limit, self.parameters)
        count = self.break_point(limit, first)
        if count is None:
            return LimitResult(limit.name, declared, None, None, None, None, None)
        larger = [size for size in sizes if size > declared]
        worst = max(
            self.broken([limit], alone(self.parameters, limit), count),
            key=lambda one: one.figure / (one.limit or 1),
        )
        mended = self.smallest(limit, larger, count)
        rest = [size for size in larger if mended is not None and size >= mended]
        return LimitResult(
            limit.name,
            declared,
            count,
            self.layout.cities[count - 1].name,
            worst,
            mended,
            self.smallest(limit, rest, len(self.layout.cities)),
            max([declared, *larger]),
        )
