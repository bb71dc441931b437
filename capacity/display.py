"""The way of pictures and answers from a center to the city halls: lines, what display leaves of them, and
the break.

Directed links from the center outward: its edge routers, then every city's lines (or, from the backup center,
every city's disaster access). A flow's hash chooses among the lines that are up (ECMP); when one is found
dead, its flows move to the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capacity.arrivals import Floats
from capacity.failures import Left
from capacity.layout import BACKUP_EDGE, City, CityLine, Layout
from capacity.network import Demand, Network, finish_times
from capacity.parameters import Parameters
from capacity.population import MIDDLE_S, Ints

STEP_S = 60.0
"""How often the display traffic on a line is looked at again."""


@dataclass(frozen=True)
class Ways:
    """The links outward: edges first, then lines; ``first`` and ``count`` are each city's lines among the
    lines.
    """

    edges: tuple[str, ...]
    edge_bps: float
    lines: tuple[CityLine, ...]
    first: Ints
    count: Ints

    @property
    def edge_of_line(self) -> Ints:
        """Which edge each line starts from."""
        place = {edge: number for number, edge in enumerate(self.edges)}
        return np.array([place[line.edge] for line in self.lines], dtype=np.int64)


@dataclass(frozen=True)
class Streams:
    """Flows outward, each array (F,): when each starts (s), its bytes, its most (bit/s), its city and its
    hash.
    """

    start_s: Floats
    size_bytes: Floats
    limit_bps: Floats
    city: Ints
    flow_hash: Ints


def ways(layout: Layout, parameters: Parameters, standing: bool) -> Ways:
    """The links from the data center if it is ``standing``, else from the backup center."""
    lines = [
        city_ways(city, parameters) if standing else (disaster_access(city, parameters),)
        for city in layout.cities
    ]
    count = np.array([len(one) for one in lines], dtype=np.int64)
    return Ways(
        edges=layout.edges if standing else (BACKUP_EDGE,),
        edge_bps=parameters.dc_edge_bps if standing else parameters.bc_edge_bps,
        lines=tuple(line for one in lines for line in one),
        first=np.cumsum(count) - count,
        count=count,
    )


def city_ways(city: City, parameters: Parameters) -> tuple[CityLine, ...]:
    """The city's lines with what an upgrade gives them at least."""
    return tuple(
        CityLine(line.name, line.edge, max(line.bps, parameters.line_least_bps)) for line in city.lines
    )


def disaster_access(city: City, parameters: Parameters) -> CityLine:
    """The city's way to the backup center, as the plan names it."""
    return CityLine(f"c{city.number}-access", BACKUP_EDGE, parameters.access_bps)


def alive(ways: Ways, now: Left) -> NDArray[np.bool_]:
    """Which lines are up after the break. From the backup center, the break is over: all are."""
    return np.array([not now.data_center or line.name in now.lines for line in ways.lines], dtype=bool)


def preferred(ways: Ways, city: Ints, flow_hash: Ints) -> Ints:
    """The line of each flow while all are up."""
    return np.asarray(ways.first[city] + flow_hash % ways.count[city])


def rerouted(ways: Ways, up: NDArray[np.bool_], city: Ints, line: Ints) -> Ints:
    """The line of each flow once the break is found: the city's next one that is up (its own, if it is)."""
    best = line.copy()
    for _ in range(int(ways.count.max()) - 1):
        offset = (best - ways.first[city] + 1) % ways.count[city]
        best = np.where(up[best], best, ways.first[city] + offset)
    return best


def arrive(
    ways: Ways, parameters: Parameters, up: NDArray[np.bool_], desktops: Streams, streams: Streams
) -> Floats:
    """When each of ``streams`` has arrived in its city hall, s. Every desktop that has begun shows its
    display.
    """
    end = float(np.max(streams.start_s[np.isfinite(streams.start_s)], initial=MIDDLE_S)) + STEP_S
    capacity, changes = free(ways, parameters, up, desktops, end)
    path_links, path_start, route_start = routes(ways)
    at, link, to = changes
    network = Network(
        capacity,
        path_links,
        path_start,
        route_start,
        change_at_s=at,
        change_link=link,
        change_bps=to,
        detection_s=parameters.detection_s,
    )
    demand = Demand(
        streams.start_s,
        streams.size_bytes,
        preferred(ways, streams.city, streams.flow_hash),
        rate_limit_bps=streams.limit_bps,
    )
    return finish_times(network, demand).finish_s


def routes(ways: Ways) -> tuple[Ints, Ints, Ints]:
    """Paths edge-line for the solver: one route a line, whose alternatives are the city's other lines in
    turn.
    """
    edge = ways.edge_of_line
    order = np.concatenate(
        [
            first + (turn + np.arange(count)) % count
            for first, count in zip(ways.first, ways.count, strict=True)
            for turn in range(count)
        ]
    )
    path_links = np.stack([edge[order], len(ways.edges) + order], axis=1).ravel()
    alternatives = np.repeat(ways.count, ways.count)
    return (
        path_links.astype(np.int64),
        np.arange(0, len(path_links) + 1, 2, dtype=np.int64),
        np.concatenate([[0], np.cumsum(alternatives)]).astype(np.int64),
    )


def free(
    ways: Ways, parameters: Parameters, up: NDArray[np.bool_], desktops: Streams, end_s: float
) -> tuple[Floats, tuple[Floats, Ints, Floats]]:
    """What display leaves of each link at the start, bit/s, and its changes (times, links, bit/s) until
    ``end_s``.

    At MIDDLE_S the lines that are not ``up`` go dead, and their display moves to the city's others.
    """
    times = np.unique(np.append(np.arange(0.0, end_s, STEP_S), MIDDLE_S))
    load = display_load(ways, parameters, up, desktops, times)
    rate = np.concatenate(
        [np.full(len(ways.edges), ways.edge_bps), np.array([line.bps for line in ways.lines])]
    )
    left = np.maximum(rate * parameters.floor, rate - load)
    dead = np.concatenate([np.zeros(len(ways.edges), dtype=bool), ~up])
    left[np.ix_(times >= MIDDLE_S, dead)] = 0.0
    at, link = np.nonzero(np.diff(left, axis=0))
    return left[0], (times[at + 1], link.astype(np.int64), left[at + 1, link])


def display_load(
    ways: Ways, parameters: Parameters, up: NDArray[np.bool_], desktops: Streams, times: Floats
) -> Floats:
    """Display traffic on every link at each of ``times``, bit/s: (T, edges + lines)."""
    before = preferred(ways, desktops.city, desktops.flow_hash)
    after = rerouted(ways, up, desktops.city, before)
    load = np.zeros((len(times), len(ways.edges) + len(ways.lines)))
    bins = np.searchsorted(times, desktops.start_s, side="left")
    for line, span in ((before, times < MIDDLE_S), (after, times >= MIDDLE_S)):
        begun = np.zeros((len(times) + 1, len(ways.lines)))
        np.add.at(begun, (bins, line), parameters.display_bps)
        load[span, len(ways.edges) :] = np.cumsum(begun[:-1], axis=0)[span]
    for edge in range(len(ways.edges)):
        load[:, edge] = load[:, len(ways.edges) :][:, ways.edge_of_line == edge].sum(axis=1)
    return load
