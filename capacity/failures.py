"""What can break, and what is left then. A failure is a set of parts; all else follows from it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal, NamedTuple

from capacity.layout import BACKUP_EDGE, City, Layout
from capacity.parameters import Parameters

PartKind = Literal["line", "city_router", "edge", "leg", "data_center"]
Regime = Literal["normal", "degraded"]
DATA_CENTER = "dc"


class Part(NamedTuple):
    """A thing that breaks as a whole."""

    kind: PartKind
    name: str


@dataclass(frozen=True)
class Failure:
    """Parts that are broken at once, and what people call it."""

    name: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Left:
    """What still works: names of live lines and legs (in order of preference), and whether the data center
    stands.
    """

    lines: frozenset[str]
    legs: tuple[str, ...]
    data_center: bool
    cut_off: tuple[int, ...]
    """Cities, by their place in the layout, that reach no center that serves."""

    @property
    def regime(self) -> Regime:
        """Which promise holds: ``degraded`` once something of which there is no second one is gone."""
        whole = self.data_center and self.legs and not self.cut_off
        return "normal" if whole else "degraded"


NOTHING = Failure("nothing")


def parts(layout: Layout) -> tuple[Part, ...]:
    """Everything that can break by itself."""
    return (
        *(Part("line", line.name) for city in layout.cities for line in city.lines),
        *(Part("city_router", city.name) for city in layout.cities),
        *(Part("edge", edge) for edge in layout.edges),
        Part("edge", BACKUP_EDGE),
        *(Part("leg", leg.name) for leg in layout.legs),
        Part("data_center", DATA_CENTER),
    )


def single_failures(layout: Layout) -> Iterator[Failure]:
    """Nothing, each part, both lines of each city, and both legs."""
    yield NOTHING
    for part in parts(layout):
        yield Failure(describe(part), (part,))
    for city in layout.cities:
        yield Failure(f"all lines of {city.name}", tuple(Part("line", line.name) for line in city.lines))
    yield Failure("replication link", tuple(Part("leg", leg.name) for leg in layout.legs))


def describe(part: Part) -> str:
    """What people call it."""
    return {
        "line": f"line {part.name}",
        "city_router": f"router {part.name}-ce1",
        "edge": f"router {part.name}",
        "leg": f"replication leg {part.name}",
        "data_center": "the whole data center",
    }[part.kind]


def left(layout: Layout, broken: frozenset[Part]) -> Left:
    """What works without ``broken``."""
    standing = Part("data_center", DATA_CENTER) not in broken
    backup = Part("edge", BACKUP_EDGE) not in broken
    edges = {edge for edge in layout.edges if standing and Part("edge", edge) not in broken}
    reachable = {city.name for city in layout.cities if Part("city_router", city.name) not in broken}
    lines = frozenset(
        line.name
        for city in layout.cities
        for line in city.lines
        if city.name in reachable and line.edge in edges and Part("line", line.name) not in broken
    )
    legs = tuple(
        leg.name
        for leg in layout.legs
        if backup and leg.edge in edges and Part("leg", leg.name) not in broken
    )

    def served(city: City) -> bool:
        if not standing:
            return backup and city.name in reachable
        return any(line.name in lines for line in city.lines)

    cut_off = tuple(place for place, city in enumerate(layout.cities) if not served(city))
    return Left(lines, legs, standing, cut_off)


def repair_s(parameters: Parameters, part: Part) -> float:
    """How long ``part`` stays broken, s."""
    return float(getattr(parameters, f"{part.kind}_repair_s"))


def repairs(parameters: Parameters, failure: Failure) -> list[tuple[float, frozenset[Part]]]:
    """What is still broken from which time after the failure on: at 0 everything, at last nothing."""
    times = sorted({repair_s(parameters, part) for part in failure.parts})
    return [
        (at, frozenset(part for part in failure.parts if repair_s(parameters, part) > at))
        for at in chain([0.0], times)
    ]


def outage_s(layout: Layout, parameters: Parameters, failure: Failure) -> float:
    """The longest time, s, for which some city reaches nothing.

    Where another way is left, it is the time until the break is found; where none is, until enough is
    repaired; where the data center is lost, until the backup center has taken over.
    """
    broken = frozenset(failure.parts)
    now, before = left(layout, broken), left(layout, frozenset())
    if not now.data_center:
        return max(parameters.takeover_s, restored_s(layout, parameters, failure))
    if now.cut_off:
        return restored_s(layout, parameters, failure)
    return parameters.detection_s if now.lines != before.lines else 0.0


def restored_s(layout: Layout, parameters: Parameters, failure: Failure) -> float:
    """When no city is cut off any more, s after the failure; 0 if none ever is."""
    for at, broken in repairs(parameters, failure):
        if not left(layout, broken).cut_off:
            return at
    raise AssertionError("with everything repaired, no city is cut off")
