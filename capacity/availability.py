"""How much of a year each city has each service: exact over no, one and two failures, with a bound for the
rest.

Parts fail and are repaired independently. A city feels only its own lines and router, the edges, and the
centers; the sums run over these alone, so that they are as exact for the whole country as for eight cities.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import prod

from capacity.failures import Part, left, parts
from capacity.layout import City, Layout
from capacity.parameters import Parameters

YEAR_S = 365.25 * 86400
MOST_FAILURES = 2


@dataclass(frozen=True)
class Availability:
    """One service in one city: the share of time it is there, at least and at most."""

    city: str
    service: str
    least: float
    most: float

    @property
    def hours_down(self) -> float:
        """In a year, at most."""
        return (1 - self.least) * YEAR_S / 3600


def availability(
    layout: Layout,
    parameters: Parameters,
    services: Mapping[str, Collection[str]],
    taken_over: Collection[str],
) -> list[Availability]:
    """For each city (by name in ``services``), each of its services; ``taken_over`` are those that the backup
    center runs once the data center is lost.
    """
    return [
        of_service(layout, parameters, city, service, service in taken_over)
        for city in layout.cities
        for service in services.get(city.name, ())
    ]


def of_service(
    layout: Layout, parameters: Parameters, city: City, service: str, taken_over: bool
) -> Availability:
    """Sum over all sets of at most two broken parts that the city can feel."""
    alone = Layout((city,), layout.edges, layout.legs)
    felt = [part for part in parts(alone) if part.kind != "leg"]
    broken_share = {part: unavailable(parameters, part) for part in felt}
    nothing = prod(1 - share for share in broken_share.values())
    known = up = 0.0
    for count in range(MOST_FAILURES + 1):
        for broken in combinations(felt, count):
            likely = nothing * prod(broken_share[part] / (1 - broken_share[part]) for part in broken)
            known += likely
            up += likely * (1 - down(alone, parameters, frozenset(broken), taken_over))
    lost = switching(parameters, felt)
    return Availability(city.name, service, max(0.0, up - lost), min(1.0, up + (1 - known)))


def unavailable(parameters: Parameters, part: Part) -> float:
    """The share of time in which ``part`` is broken."""
    every, repair = (float(getattr(parameters, f"{part.kind}_{what}_s")) for what in ("every", "repair"))
    return repair / (every + repair)


def down(alone: Layout, parameters: Parameters, broken: frozenset[Part], taken_over: bool) -> float:
    """The share of the time with ``broken`` in which the one city of ``alone`` does not have a
    service that the backup center takes over, or does not."""
    now = left(alone, broken)
    if now.cut_off:
        return 1.0
    if now.data_center:
        return 0.0
    if not taken_over:
        return 1.0
    return min(1.0, parameters.takeover_s / parameters.data_center_repair_s)


def switching(parameters: Parameters, felt: list[Part]) -> float:
    """The share of time spent finding out that a line or edge is dead: at most so much per failure."""
    switched = (part for part in felt if part.kind in ("line", "edge"))
    return sum(
        parameters.detection_s / float(getattr(parameters, f"{part.kind}_every_s")) for part in switched
    )
