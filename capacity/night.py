"""The year's worst night: what changed in the databases and on the file servers of all cities goes to the
backup center, and the print data of the tax notices to the printing firm, while the databases write the log
of their batch jobs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from capacity.arrivals import Floats
from capacity.failures import Failure, Left
from capacity.layout import City, Layout
from capacity.legs import Changes, LinkState, bulk_bps, changes, up_and_down
from capacity.network import Demand, Network, finish_times
from capacity.parameters import Parameters
from capacity.population import Purpose, lognormal, stream
from capacity.replication import night_log

Route = tuple[tuple[int, ...], ...]
"""Paths in order of preference, each the numbers of the links it crosses."""
PRINT = "print"


@dataclass(frozen=True)
class Links:
    """The night's directed links by name: number, and capacity with the condition under which each is up."""

    number: dict[str, int]
    states: list[LinkState]

    @property
    def capacity_bps(self) -> Floats:
        """All capacities when everything is up."""
        return np.array([state.bps for state in self.states])


class Batch:
    """Flows and their routes, as they are collected for the solver. A route is a tuple of paths, the first
    preferred.
    """

    def __init__(self) -> None:
        self.routes: dict[Route, int] = {}
        self.flows: list[tuple[float, float, int]] = []

    def add(self, start_s: float, size_bytes: float, route: Route) -> None:
        """One flow; nothing if it is empty."""
        if size_bytes > 0:
            number = self.routes.setdefault(route, len(self.routes))
            self.flows.append((start_s, size_bytes, number))

    def network(self, capacity: Floats, changes: Changes, detection_s: float) -> Network:
        """The links with these routes over them."""
        paths = [path for route in self.routes for path in route]
        return Network(
            capacity,
            np.array([link for path in paths for link in path], dtype=np.int64),
            np.concatenate([[0], np.cumsum([len(path) for path in paths])]).astype(np.int64),
            np.concatenate([[0], np.cumsum([len(route) for route in self.routes])]).astype(np.int64),
            changes.at_s,
            changes.link,
            changes.bps,
            detection_s,
        )

    def demand(self) -> Demand:
        """The flows as arrays."""
        start, size, route = zip(*self.flows, strict=True)
        return Demand(np.array(start), np.array(size), np.array(route, dtype=np.int64))


def line_up(name: str) -> Callable[[Left], bool]:
    """Whether the line is up."""
    return lambda now: name in now.lines


def leg_up(name: str) -> Callable[[Left], bool]:
    """Whether the leg is up."""
    return lambda now: name in now.legs


def city_served(place: int) -> Callable[[Left], bool]:
    """Whether the city at ``place`` of the layout reaches the center that serves."""
    return lambda now: place not in now.cut_off


def always(now: Left) -> bool:
    """For links whose failures are those of the lines and legs behind them."""
    del now
    return True


def done_within(layout: Layout, parameters: Parameters, failure: Failure, now: Left, seed: int) -> float:
    """When everything is where it belongs, s after the window opens; the failure comes right then, the worst
    moment.

    If the data center is lost, what is left to do is the cities' own files, over their disaster access.
    """
    if not now.data_center:
        return done_without_data_center(layout, parameters, failure, seed)
    log = night_log(layout, parameters, seed)
    links = night_links(layout, parameters, float(log[0]) * 8)
    batch = Batch()
    for city in layout.cities:
        kikan, joho, printing = volumes(city, parameters, seed)
        for share, route in joho_routes(layout, links, city, parameters):
            batch.add(0.0, joho * share, route)
        batch.add(0.0, kikan, tuple((links.number[f"{leg.name}:bulk"],) for leg in layout.legs))
        batch.add(0.0, printing, ((links.number[PRINT],),))
    happens = joined(
        up_and_down(layout, parameters, failure, 0.0, links.states),
        after_the_batch(layout, parameters, failure, links),
    )
    network = batch.network(links.capacity_bps, happens, parameters.detection_s)
    return float(np.max(finish_times(network, batch.demand()).finish_s))


def volumes(city: City, parameters: Parameters, seed: int) -> tuple[float, float, float]:
    """Bytes of one city this night: kikan-kei, joho-kei, print data. The first factor drawn is the batch
    log's.
    """
    factors = lognormal(stream(seed, city, Purpose.NIGHT), parameters.night_varies, 4)
    return (
        city.population * parameters.kikan_bytes * factors[1],
        city.users * parameters.joho_bytes * factors[2],
        city.population * parameters.printing_bytes * factors[3],
    )


def night_links(layout: Layout, parameters: Parameters, log_bps: float) -> Links:
    """City lines toward the data center, its edges inward, bulk backup's class on each leg, and the printing
    firm.
    """
    states: dict[str, LinkState] = {}
    for city in layout.cities:
        for line in city.lines:
            bps = max(line.bps, parameters.line_least_bps)
            states[line.name] = LinkState(bps, line_up(line.name))
    for edge in layout.edges:
        states[edge] = LinkState(parameters.dc_edge_bps, always)
    for leg in layout.legs:
        bulk = bulk_bps(parameters, log_bps)
        states[f"{leg.name}:bulk"] = LinkState(bulk, leg_up(leg.name))
    states[PRINT] = LinkState(parameters.print_bps, always)
    return Links({name: number for number, name in enumerate(states)}, list(states.values()))


def joho_routes(
    layout: Layout, links: Links, city: City, parameters: Parameters
) -> list[tuple[float, Route]]:
    """How one city's joho-kei backup is spread: share of its bytes and route, by the hash of its connections.

    The connections are numbered and dealt out evenly; each has the city's other lines and the other legs as
    alternatives.
    """
    streams = max(1, int(parameters.streams))
    count = len(city.lines)
    dealt = np.bincount(np.arange(streams) % count, minlength=count) / streams
    routes: list[tuple[float, Route]] = []
    for place in range(count):
        turn = city.lines[place:] + city.lines[:place]
        paths = tuple(
            (links.number[line.name], links.number[line.edge], links.number[f"{leg.name}:bulk"])
            for leg in layout.legs
            for line in turn
        )
        routes.append((float(dealt[place]), paths))
    return routes


def after_the_batch(layout: Layout, parameters: Parameters, failure: Failure, links: Links) -> Changes:
    """Once the batch jobs are done, each leg that is up then gives bulk backup all it has."""
    names = [links.number[f"{leg.name}:bulk"] for leg in layout.legs]
    whole = [LinkState(parameters.replication_bps, links.states[name].is_up) for name in names]
    later = up_and_down(layout, parameters, failure, 0.0, whole)
    rows = []
    for place, name in enumerate(names):
        own = [(at, bps) for at, link, bps in zip(*later, strict=True) if link == place]
        past = [bps for at, bps in own if at <= parameters.batch_s]
        rows.append((parameters.batch_s, name, past[-1] if past else parameters.replication_bps))
        rows += [(at, name, bps) for at, bps in own if at > parameters.batch_s]
    return changes(rows)


def joined(one: Changes, other: Changes) -> Changes:
    """Both; of two at one instant on one link, the other's counts."""
    return Changes(
        np.concatenate([one.at_s, other.at_s]),
        np.concatenate([one.link, other.link]),
        np.concatenate([one.bps, other.bps]),
    )


def done_without_data_center(layout: Layout, parameters: Parameters, failure: Failure, seed: int) -> float:
    """When the cities' own files are in the backup center, s: over the disaster access, once it has taken
    over.
    """
    places = {city.name: place for place, city in enumerate(layout.cities)}
    states = [LinkState(parameters.access_bps, city_served(place)) for place in places.values()]
    states.append(LinkState(parameters.bc_edge_bps, always))
    batch = Batch()
    for city in layout.cities:
        route = ((places[city.name], len(places)),)
        batch.add(parameters.takeover_s, volumes(city, parameters, seed)[1], route)
    happens = up_and_down(layout, parameters, failure, 0.0, states)
    network = batch.network(np.array([state.bps for state in states]), happens, parameters.detection_s)
    return float(np.max(finish_times(network, batch.demand()).finish_s))
