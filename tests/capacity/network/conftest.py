"""Random networks, and a slow and simple solver to hold the fast one against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from capacity.network.arrays import Demand, Network


@dataclass(frozen=True)
class Case:
    """A network and its flows as plain lists: ``routes[r]`` is a list of paths, each a list of links."""

    capacity: list[float]
    routes: list[list[list[int]]]
    changes: list[tuple[float, int, float]]
    detection_s: float
    start: list[float]
    size: list[float]
    route: list[int]
    weight: list[float]
    limit: list[float]

    def arrays(self) -> tuple[Network, Demand]:
        """The same as the solver wants it."""
        paths = [path for route in self.routes for path in route]
        network = Network(
            capacity_bps=self.capacity,
            path_links=np.array([link for path in paths for link in path], dtype=np.int64),
            path_start=np.cumsum([0, *map(len, paths)]),
            route_start=np.cumsum([0, *map(len, self.routes)]),
            change_at_s=[at for at, _, _ in self.changes],
            change_link=np.array([link for _, link, _ in self.changes], dtype=np.int64),
            change_bps=[to for _, _, to in self.changes],
            detection_s=self.detection_s,
        )
        return network, Demand(self.start, self.size, np.array(self.route), self.weight, self.limit)


def random_case(seed: int, links: int, flows: int, changes: int, kinds: int) -> Case:
    """A case without ties. ``kinds`` distinct routes, weights and limits: few make classes of many flows."""
    rng = np.random.default_rng(seed)
    longest = int(rng.integers(1, min(links, 6) + 1))

    def path() -> list[int]:
        length = int(rng.integers(1, longest + 1))
        return [int(link) for link in rng.permutation(links)[:length]]

    routes = [[path() for _ in range(int(rng.integers(1, 4)))] for _ in range(kinds)]
    weights = rng.uniform(0.2, 5.0, kinds)
    limits = np.where(rng.random(kinds) < 0.3, rng.uniform(1e6, 4e8, kinds), np.inf)
    horizon = rng.choice([0.01, 1.0, 100.0])
    capacity = rng.uniform(1e7, 1e9, links)
    cuts = [
        (
            float(rng.uniform(0, 2 * horizon)),
            int(rng.integers(links)),
            float(rng.choice([0.0, rng.uniform(1e7, 1e9)])),
        )
        for _ in range(changes)
    ]
    # Most of what is cut comes back, so that most flows end.
    cuts += [(at + float(rng.exponential(horizon)), link, 5e8) for at, link, to in cuts if rng.random() < 0.8]
    return Case(
        capacity=capacity.tolist(),
        routes=routes,
        changes=cuts,
        detection_s=float(rng.choice([0.0, 0.1])) * float(horizon),
        start=rng.uniform(0, horizon, flows).tolist(),
        size=rng.exponential(3e6, flows).tolist(),
        route=rng.integers(0, kinds, flows).tolist(),
        weight=rng.choice(weights[: max(1, kinds // 2)], flows).tolist(),
        limit=rng.choice(limits[: max(1, kinds // 2)], flows).tolist(),
    )


def random_star(seed: int, cities: int, flows: int) -> Case:
    """Cities with a line each into a core that may hold them all or not; some paths go on from there.

    Loads from light to a storm, few weights and limits, sometimes many starts at one instant, and cuts.
    """
    rng = np.random.default_rng(seed)
    core = float(rng.uniform(0.3, 1.2 * cities)) * 1e8
    lines = (rng.uniform(0.5, 2, cities) * 1e8).tolist()
    start = np.cumsum(rng.exponential(8e6 / (rng.uniform(0.2, 2) * core), flows))
    if rng.random() < 0.3:
        step = start[-1] / 20
        start = np.round(start / step) * step
    weights = [1.0, 2.0, 0.5] if rng.random() < 0.5 else [1.0]
    limits = [np.inf, 3e7, 1e7, 5e6] if rng.random() < 0.6 else [np.inf]
    changes = [
        (float(rng.uniform(0, start[-1])), int(rng.integers(cities + 2)), float(rng.choice([0.0, 1e8, 3e7])))
        for _ in range(int(rng.integers(0, 4)))
    ]
    return Case(
        capacity=[*lines, core, core * float(rng.uniform(0.5, 2))],
        routes=[[[i, cities] if rng.random() < 0.6 else [i, cities, cities + 1]] for i in range(cities)],
        changes=changes,
        detection_s=0.0,
        start=start.tolist(),
        size=rng.exponential(1e6, flows).tolist(),
        route=rng.integers(0, cities, flows).tolist(),
        weight=rng.choice(weights, flows).tolist(),
        limit=rng.choice(limits, flows).tolist(),
    )


def fair_rates(capacity: np.ndarray, on: np.ndarray, weight: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Weighted max-min fair rates, flow by flow: ``on[l, f]`` is 1 where flow ``f`` crosses link ``l``, else
    0.
    """
    rate = np.zeros(len(weight))
    rising = np.ones(len(weight), dtype=bool)
    while rising.any():
        demand = (on * (weight * rising)).sum(axis=1)
        rest = capacity - (on * (rate * ~rising)).sum(axis=1)
        level = np.where(demand > 0, np.maximum(rest, 0) / np.where(demand > 0, demand, 1), np.inf)
        own = np.where(rising, limit / weight, np.inf)
        if own.min() <= level.min():
            held = np.arange(len(own)) == own.argmin()
            rate[held] = limit[held]
        else:
            held = rising & (on[level.argmin()] > 0)
            rate[held] = weight[held] * level.min()
        rising &= ~held
    return rate


def known_down(case: Case, at: float) -> set[int]:
    """Links that have been seen down for the detection time, and not up for as long since, as of ``at``."""
    down = set()
    for link, capacity in enumerate(case.capacity):
        history = [(0.0, capacity > 0)]
        history += sorted((t, to > 0) for t, changed, to in case.changes if changed == link)
        known, since, state = True, 0.0, True
        for t, up in [*history, (np.inf, True)]:
            if (
                since + case.detection_s <= min(t, np.nextafter(at, np.inf))
                and since + case.detection_s <= at
            ):
                known = state
            if t > at:
                break
            if up != state:
                state, since = up, t
        if not known:
            down.add(link)
    return down


def choose_paths(case: Case, now: float, using: list[int]) -> list[int]:
    """The path each route takes: the first with no link known to be down, or the one it has."""
    down = known_down(case, now)
    return [
        next((i for i, path in enumerate(route) if not down & set(path)), using[r])
        for r, route in enumerate(case.routes)
    ]


def brute_force(case: Case) -> np.ndarray:
    """Completion times (F,): every rate of every flow from scratch at every event."""
    start, weight, limit = np.array(case.start), np.array(case.weight), np.array(case.limit)
    left = 8 * np.array(case.size)
    finish = np.full(len(start), np.inf)
    capacity = np.array(case.capacity)
    instants = sorted({0.0, *case.start, *(t for t, _, _ in case.changes)})
    instants = sorted({*instants, *(t + case.detection_s for t in [0.0, *(t for t, _, _ in case.changes)])})
    now, using = 0.0, choose_paths(case, 0.0, [0] * len(case.routes))
    pending = sorted(case.changes, key=lambda change: change[0])
    while True:
        here = np.flatnonzero((start <= now) & np.isinf(finish))
        on = np.zeros((len(capacity), len(here)))
        for column, flow in enumerate(here):
            on[case.routes[case.route[flow]][using[case.route[flow]]], column] = 1
        rate = fair_rates(capacity, on, weight[here], limit[here])
        with np.errstate(divide="ignore"):
            done = np.where(rate > 0, now + left[here] / np.where(rate > 0, rate, 1), np.inf)
        outside = next((t for t in instants if t > now), np.inf)
        until = min(done.min(initial=np.inf), outside)
        if until == np.inf:
            return finish
        left[here] = np.maximum(0, left[here] - rate * (until - now))
        finish[here[done <= until]] = until
        now = until
        while pending and pending[0][0] <= now:
            _, link, to = pending.pop(0)
            capacity[link] = to
        using = choose_paths(case, now, using)


@pytest.fixture(scope="session")
def make_case() -> Callable[[int, int, int, int, int], Case]:
    """:func:`random_case`."""
    return random_case


@pytest.fixture(scope="session")
def make_star() -> Callable[[int, int, int], Case]:
    """:func:`random_star`."""
    return random_star


@pytest.fixture(scope="session")
def reference() -> Callable[[Case], np.ndarray]:
    """:func:`brute_force`."""
    return brute_force
