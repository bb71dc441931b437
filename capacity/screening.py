"""Every double failure, screened as a static problem: does the peak still fit through what is left?

Three answers a pair. What routing makes of it: ECMP spreads a city's demand evenly over its live lines, and
the fullest link is found. What any routing could make of it: the maximum flow from all cities to the center.
And who reaches nothing.

The graph has two layers (lines, then edge routers), so a cut of it is settled by saying which edge routers
lie on the cities' side; the least of these few cuts is the maximum flow, for thousands of failures at once
(docs/decisions/0052).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from capacity.arrivals import Floats
from capacity.display import ways
from capacity.failures import Failure, describe, left, parts
from capacity.layout import Layout
from capacity.parameters import Parameters

RUN = 5
"""Of each kind, how many pairs are simulated."""
BATCH = 2048
"""Failures that are screened at once: enough for numpy, few enough for memory with the whole country's lines.
"""


@dataclass(frozen=True)
class Screened:
    """One failure: share of the fullest link's capacity that is asked for (above 1: too much), share of all
    peak demand that no routing could carry, and how many cities reach nothing.
    """

    failure: Failure
    fullest: float
    unserved: float
    cut_off: int


@dataclass(frozen=True)
class Graph:
    """Demand toward the cities in bit/s (C,), and lines: the city (L,), edge (L,) and rate in bit/s (L,) of
    each.
    """

    demand: Floats
    city: NDArray[np.int64]
    edge: NDArray[np.int64]
    rate: Floats
    edge_rate: Floats


def pairs(layout: Layout) -> Iterator[Failure]:
    """Every two parts that can break at once."""
    for one, other in combinations(parts(layout), 2):
        yield Failure(f"{describe(one)} and {describe(other)}", (one, other))


def screen(layout: Layout, parameters: Parameters, failures: Iterator[Failure]) -> list[Screened]:
    """All of ``failures``, in their order."""
    result: list[Screened] = []
    while batch := list(islice(failures, BATCH)):
        result += screen_batch(layout, parameters, batch)
    return result


def worst(screened: Sequence[Screened], count: int) -> list[Screened]:
    """The ``count`` failures that hurt most: first by cities cut off, then by unserved demand, then by load."""
    return sorted(screened, key=lambda one: (-one.cut_off, -one.unserved, -one.fullest, one.failure.name))[
        :count
    ]


def to_be_run(screened: Sequence[Screened]) -> list[Screened]:
    """The pairs that are worth a simulation: the worst of those that cut cities off, and the worst of the others.

    Of pairs that come to the same (the data center and something behind it), one is enough.
    """
    distinct = {
        (one.cut_off, round(one.unserved, 9), round(one.fullest, 9)): one for one in reversed(screened)
    }
    cut = [one for one in distinct.values() if one.cut_off]
    return worst(cut, RUN) + worst([one for one in distinct.values() if not one.cut_off], RUN)


def screen_batch(layout: Layout, parameters: Parameters, failures: Sequence[Failure]) -> list[Screened]:
    """Failures that leave the data center standing and those that do not are different graphs."""
    states = [left(layout, frozenset(failure.parts)) for failure in failures]
    result: dict[int, Screened] = {}
    for standing in (True, False):
        graph = peak_graph(layout, parameters, standing)
        names = [line.name for line in ways(layout, parameters, standing).lines]
        rows = [row for row, state in enumerate(states) if state.data_center == standing]
        if not rows:
            continue
        up = np.array(
            [
                [name in states[row].lines for name in names]
                if standing
                else [place not in states[row].cut_off for place in range(len(layout.cities))]
                for row in rows
            ]
        )
        carried, fullest = maximum_flow(graph, up), fullest_link(graph, up)
        unserved = 1 - carried / graph.demand.sum()
        for place, row in enumerate(rows):
            result[row] = Screened(
                failures[row],
                float(fullest[place]),
                max(0.0, float(unserved[place])),
                len(states[row].cut_off),
            )
    return [result[row] for row in range(len(failures))]


def peak_graph(layout: Layout, parameters: Parameters, standing: bool) -> Graph:
    """Peak demand: the display of all who are present (after a disaster: those who get a desktop), and
    answers.
    """
    links = ways(layout, parameters, standing)
    users = np.array([city.users for city in layout.cities])
    share = parameters.present * (1.0 if standing else parameters.degraded_desktops)
    answer_bps = 8 * parameters.answer_bytes * parameters.transactions_per_user
    return Graph(
        demand=users * (share * parameters.display_bps + answer_bps),
        city=np.repeat(np.arange(len(users)), links.count),
        edge=links.edge_of_line,
        rate=np.array([line.bps for line in links.lines]),
        edge_rate=np.full(len(links.edges), links.edge_bps),
    )


def maximum_flow(graph: Graph, up: NDArray[np.bool_]) -> Floats:
    """The most that can be carried with the lines ``up`` (B, L), bit/s: (B,)."""
    edges, cities = len(graph.edge_rate), len(graph.demand)
    least = np.full(len(up), np.inf)
    alive_rate = np.where(up, graph.rate, 0.0)
    for side in range(1 << edges):
        beyond = np.array([(side >> edge) & 1 == 0 for edge in range(edges)])
        lines = np.zeros((len(up), cities))
        for line in np.flatnonzero(beyond[graph.edge]):
            lines[:, graph.city[line]] += alive_rate[:, line]
        cut = graph.edge_rate[~beyond].sum() + np.minimum(graph.demand, lines).sum(axis=1)
        least = np.minimum(least, cut)
    return least


def fullest_link(graph: Graph, up: NDArray[np.bool_]) -> Floats:
    """The highest demand by capacity of any link, (B,), when each city spreads its demand evenly over its
    lines that are ``up`` (B, L). Cities without one ask for nothing.
    """
    live = np.zeros((len(up), len(graph.demand)))
    for line, city in enumerate(graph.city):
        live[:, city] += up[:, line]
    load = np.where(up, (graph.demand / np.maximum(live, 1))[:, graph.city], 0.0)
    fullest = (load / graph.rate).max(axis=1)
    for edge, rate in enumerate(graph.edge_rate):
        fullest = np.maximum(fullest, load[:, graph.edge == edge].sum(axis=1) / rate)
    return np.asarray(fullest)
