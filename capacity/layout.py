"""What is connected to what, without addresses: the cities and their lines, the edges, the legs of the
replication link.

An address plan holds 250 cities; this holds as many as there are in the country.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inventory.model import Cloud
from inventory.plan import plan
from inventory.topology import Site

BACKUP_EDGE = "bc-edge1"
MUNICIPALITIES = 1741
MEDIAN_POPULATION, SPREAD = 23_000, 1.52
"""Of the country's municipalities, as a lognormal law: the mean is then about 73,000."""
USERS_PER_RESIDENT = 5_000 / 488_314
"""As the declared cities that publish both."""


@dataclass(frozen=True)
class CityLine:
    """A line of a city: its name in the plan, the data-center edge it lands on, and its rate in bit/s."""

    name: str
    edge: str
    bps: float


@dataclass(frozen=True)
class City:
    """A city as the model sees it. ``number`` seeds its random numbers, which no other city changes."""

    number: int
    name: str
    population: float
    users: float
    lines: tuple[CityLine, ...]


@dataclass(frozen=True)
class Leg:
    """A leg of the replication link and the data-center edge it starts from."""

    name: str
    edge: str


@dataclass(frozen=True)
class Layout:
    """The whole: cities in the order in which they joined, edges, and legs in order of preference."""

    cities: tuple[City, ...]
    edges: tuple[str, ...]
    legs: tuple[Leg, ...]

    def first(self, count: int) -> Layout:
        """The same with only the first ``count`` cities."""
        return Layout(self.cities[:count], self.edges, self.legs)


def layout(cloud: Cloud) -> Layout:
    """What ``cloud`` declares, with the names that its plan gives."""
    topology = plan(cloud)
    cities = tuple(
        City(
            number=city.number,
            name=city.name,
            population=city.population.base,
            users=city.desk_users.base,
            lines=city_lines(topology.site(city.name)),
        )
        for city in cloud.cities
    )
    edges = tuple(f"dc-edge{n}" for n in range(1, cloud.file.data_center.edges + 1))
    legs = tuple(
        Leg(link.name, link.far) for link in topology.backup_center.links if link.kind == "replication"
    )
    return Layout(cities, edges, legs)


def city_lines(site: Site) -> tuple[CityLine, ...]:
    """The lines of a planned city hall to the data center."""
    return tuple(
        CityLine(link.name, link.far, float(link.rate_bps)) for link in site.links if link.kind == "line"
    )


def in_order(start: Layout, names: Sequence[str]) -> Layout:
    """``start`` with the cities in ``names`` last and in that order."""
    place = {name: number for number, name in enumerate(names)}
    return Layout(
        tuple(sorted(start.cities, key=lambda city: place.get(city.name, -1))), start.edges, start.legs
    )


def grown(start: Layout, count: int, seed: int) -> Layout:
    """``start`` and synthetic cities up to ``count``, with lines like those of its first city.

    The population of the n-th city depends on ``seed`` and n alone.
    """
    lines = start.cities[0].lines
    taken = max(city.number for city in start.cities)
    added = tuple(synthetic(taken + n, seed, lines) for n in range(1, count - len(start.cities) + 1))
    return Layout((*start.cities, *added)[:count], start.edges, start.legs)


def synthetic(number: int, seed: int, lines: tuple[CityLine, ...]) -> City:
    """A city that does not exist."""
    rng = np.random.default_rng([seed, number])
    population = float(np.round(rng.lognormal(np.log(MEDIAN_POPULATION), SPREAD)))
    return City(
        number=number,
        name=f"synthetic{number}",
        population=population,
        users=max(1.0, round(population * USERS_PER_RESIDENT)),
        lines=tuple(CityLine(f"c{number}-line{n}", line.edge, line.bps) for n, line in enumerate(lines, 1)),
    )
