"""What to buy for the last count: of every limit by itself what is enough, and then, all limits being there
together, whatever more it takes, until everything holds or nothing larger is sold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capacity.growth import Broken, Grower, Growth, LimitResult
from capacity.hinges import LEVELS_OF_PART
from capacity.limits import LIMITS, Limit, alone, sized
from capacity.parameters import Parameters
from inventory.service_levels import Upgrades

NEVER = 1e9
"""Times what is promised: what never ends counts as this, so that two of it can be compared."""


@dataclass(frozen=True)
class Step:
    """The next larger size of a limit, and by how much it brings broken promises nearer, in what is promised."""

    limit: Limit
    size: float
    relief: float


def grow(grower: Grower, upgrades: Upgrades, first: int) -> Growth:
    """Look at every limit by itself, then at all together with what is enough for the last count.

    Where nothing that is sold is enough, the largest is put in place: what is broken then stays broken.
    """
    results = tuple(grower.result(limit, sizes(upgrades, limit), first) for limit in LIMITS)
    parameters = grower.parameters
    for limit, result in zip(LIMITS, results, strict=True):
        size = result.largest if result.is_short else result.enough_for_all
        if size is not None:
            parameters = sized(parameters, limit, max(grower.size(limit, parameters), size))
    still, bought = settle(grower, upgrades, parameters, beyond_help(grower, results))
    names = tuple(city.name for city in grower.layout.cities)
    return Growth(names, results, tuple(still), tuple(bought))


def sizes(upgrades: Upgrades, limit: Limit) -> list[float]:
    """What is sold of ``limit``, smallest first."""
    return [step.base for step in getattr(upgrades, limit.catalogue)]


def beyond_help(grower: Grower, results: Sequence[LimitResult]) -> frozenset[tuple[str, str]]:
    """Promises (name and case) that the largest of one limit breaks even with no other limit in the way."""
    found: list[Broken] = []
    for limit, result in zip(LIMITS, results, strict=True):
        if result.is_short and result.largest is not None:
            only = sized(alone(grower.parameters, limit), limit, result.largest)
            found += grower.broken([limit], only, len(grower.layout.cities))
    return frozenset((one.level, one.case) for one in found)


def settle(
    grower: Grower, upgrades: Upgrades, parameters: Parameters, beyond: frozenset[tuple[str, str]]
) -> tuple[list[Broken], list[tuple[str, float]]]:
    """Buy what helps most, step by step, while a promise is broken that is not ``beyond`` help.

    Two waits that are each just short enough are too long in a row; this finds it. What stays broken, and what was
    bought.
    """
    bought: list[tuple[str, float]] = []
    count = len(grower.layout.cities)
    still = grower.broken(LIMITS, parameters, count)
    while curable := [one for one in still if (one.level, one.case) not in beyond]:
        step = best_step(grower, upgrades, parameters, curable)
        if step is None:
            break
        parameters = sized(parameters, step.limit, step.size)
        bought.append((step.limit.name, step.size))
        still = grower.broken(LIMITS, parameters, count)
    return still, bought


def best_step(
    grower: Grower, upgrades: Upgrades, parameters: Parameters, curable: Sequence[Broken]
) -> Step | None:
    """The limit whose next larger size helps most; None if none that is sold helps."""
    steps = []
    for limit in LIMITS:
        now = grower.size(limit, parameters)
        larger = next((size for size in sizes(upgrades, limit) if size > now), None)
        felt = felt_in(grower, limit, parameters, curable)
        if larger is not None and felt:
            left = grower.broken([limit], sized(parameters, limit, larger), len(grower.layout.cities))
            steps.append(Step(limit, larger, excess(felt) - excess(left)))
    helping = [step for step in steps if step.relief > 0]
    return max(helping, key=lambda step: step.relief, default=None)


def felt_in(grower: Grower, limit: Limit, parameters: Parameters, broken: Sequence[Broken]) -> list[Broken]:
    """Those of ``broken`` in whose case and part of the day ``limit`` is felt."""
    cases = {case.name for case in limit.situation(grower.layout, parameters)}
    return [one for one in broken if one.case in cases and one.level in LEVELS_OF_PART[limit.part]]


def excess(broken: Sequence[Broken]) -> float:
    """By how much promises are missed in all, each in what is promised; a promise of zero in absolute terms."""
    return sum(min(NEVER, (one.figure - one.limit) / (one.limit or 1)) for one in broken)
