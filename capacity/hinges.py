"""Which quantities a verdict hinges on: what value of each alone would break a promise.

Each quantity is made up to twice as bad in the cases in which the promises fare worst, with the random
numbers of one seed throughout; what breaks a promise is then searched for by bisection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from capacity.failures import Regime
from capacity.figures import Figures
from capacity.parameters import PATHS, Parameters, quantity, scaled
from capacity.run import Job, Part
from capacity.verdict import Model, Runner, Worst
from inventory.model import Cloud
from inventory.verdict import Hinge

SEED = 1
WORST_FACTOR = 2.0
"""A quantity that may be twice as bad without breaking anything is none on which the verdict hinges."""
STEPS = 5
"""Of the bisection: the value is then known to 3% of the declared one."""

LEVELS_OF_PART: dict[Part, tuple[str, ...]] = {
    "morning": ("sign_in_p95", "sign_in_refused", "transaction_p95"),
    "replication": ("replication_lag",),
    "night": ("backup_done_within",),
}
MORE_IS_WORSE: dict[Part, tuple[str, ...]] = {
    "morning": (
        "present", "broker_s", "storage_s", "iops_at_sign_in", "iops_steady", "profile_bytes", "processor_s",
        "screen_bytes", "varies", "steady_core", "web", "video", "terminals", "per_terminal", "peak",
        "application_s", "database_s", "answer_bytes", "latency_s", "degraded_desktops",
    ),
    "replication": ("log_bytes", "updates", "batch_bytes", "leg_repair_s", "edge_repair_s"),
    "night": (
        "kikan_bytes", "joho_bytes", "night_varies", "printing_bytes", "batch_bytes", "line_repair_s",
        "city_router_repair_s", "leg_repair_s", "edge_repair_s", "takeover_s",
    ),
}  # fmt: skip
LESS_IS_WORSE: dict[Part, tuple[str, ...]] = {
    "morning": (
        "profile_bps", "screen_bps", "answer_bps", "floor", "access_bps", "dc_brokers", "dc_places",
        "dc_cores", "dc_iops", "dc_storage_bps", "dc_application_cores", "dc_database_cores", "dc_edge_bps",
        "bc_brokers", "bc_places", "bc_cores", "bc_iops", "bc_storage_bps", "bc_application_cores",
        "bc_database_cores",
    ),
    "replication": ("replication_bps",),
    "night": ("replication_bps", "access_bps", "print_bps"),
}  # fmt: skip


SHARES = frozenset(("present", "degraded_desktops", "terminals", "updates", "web", "video", "steady_core"))
"""Quantities that are parts of a whole."""


@dataclass(frozen=True)
class Probe:
    """A quantity to be made worse: its parameter, the part of the day it is felt in, and the factor at its
    worst.
    """

    name: str
    part: Part
    limit: float

    def factor(self, badness: float) -> float:
        """The factor for ``badness`` from 0 (as declared) to 1 (at its worst)."""
        return float(self.limit**badness)


@dataclass(frozen=True)
class Search:
    """Where a promise breaks: badness between ``holds`` and ``breaks``."""

    probe: Probe
    worst: Worst
    declared: float
    """The quantity, in its base unit."""
    holds: float = 0.0
    breaks: float = 1.0

    @property
    def middle(self) -> float:
        """Where to look next."""
        return (self.holds + self.breaks) / 2


def hinges(cloud: Cloud, one: Model, worst: Sequence[Worst], runner: Runner) -> tuple[Hinge, ...]:
    """The quantities whose change alone would break a promise that is kept, those nearest to it first."""
    kept = [promise for promise in worst if promise.passed]
    searches = [
        Search(probe, promise, float(getattr(one.parameters, probe.name)))
        for probe in probes()
        for promise in kept
        if promise.level in levels(probe)
    ]
    broken = broken_at(one, searches, [1.0] * len(searches), runner)
    searches = [search for search, is_broken in zip(searches, broken, strict=True) if is_broken]
    for _ in range(STEPS):
        middles = [search.middle for search in searches]
        answers = broken_at(one, searches, middles, runner)
        searches = [narrowed(search, answer) for search, answer in zip(searches, answers, strict=True)]
    found = sorted(
        filter(possible, searches), key=lambda search: (search.breaks, search.probe.name, search.worst.regime)
    )
    return tuple(hinge(cloud, search) for search in found)


def probes() -> list[Probe]:
    """Every quantity, made worse in each part of the day in which it is felt."""
    return [
        Probe(name, part, factor)
        for table, factor in ((MORE_IS_WORSE, WORST_FACTOR), (LESS_IS_WORSE, 1 / WORST_FACTOR))
        for part, names in table.items()
        for name in names
    ]


def levels(probe: Probe) -> tuple[str, ...]:
    """The promises that ``probe`` can break."""
    return LEVELS_OF_PART[probe.part]


def broken_at(one: Model, searches: list[Search], badness: list[float], runner: Runner) -> list[bool]:
    """Whether each search's promise is broken at its badness."""
    jobs = [job(one, search, bad) for search, bad in zip(searches, badness, strict=True)]
    distinct = list(dict.fromkeys(jobs))
    figures: dict[Job, Figures] = dict(zip(distinct, runner.run(distinct), strict=True))
    return [
        getattr(figures[job], search.worst.level) > search.worst.limit
        for job, search in zip(jobs, searches, strict=True)
    ]


def job(one: Model, search: Search, badness: float) -> Job:
    """The run that answers whether the promise holds with the quantity this bad."""
    parameters: Parameters = scaled(one.parameters, search.probe.name, search.probe.factor(badness))
    return Job(one.layout, parameters, search.worst.case, SEED, (search.probe.part,))


def possible(search: Search) -> bool:
    """Whether the quantity can have the value that breaks the promise: of a whole there is no more than all."""
    return search.probe.name not in SHARES or search.probe.factor(search.breaks) * search.declared <= 1


def narrowed(search: Search, broken: bool) -> Search:
    """The half in which the break lies."""
    if broken:
        return replace(search, breaks=search.middle)
    return replace(search, holds=search.middle)


def hinge(cloud: Cloud, search: Search) -> Hinge:
    """A finished search as it is written to disk."""
    path = PATHS[search.probe.name]
    declared = quantity(cloud, path)
    regime: Regime = search.worst.regime
    return Hinge(
        level=search.worst.level,
        regime=regime,
        quantity=path,
        value=declared.value,
        unit=declared.unit,
        source=declared.source,
        flips_at=float(f"{declared.value * search.probe.factor(search.breaks):.3g}"),
    )
