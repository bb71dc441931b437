"""Bulk work: fair sharing for flows given as arrays, without an object per flow."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from capacity.network.state import Floats, Flows, Ints, Routes, State, build, offsets
from capacity.network.timeline import timeline


def no_floats() -> Floats:
    """An empty array of numbers."""
    return np.zeros(0)


def no_ints() -> Ints:
    """An empty array of whole numbers."""
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Network:
    """Directed links, the routes over them, and how capacities change.

    With L links, R routes, P paths, K path entries and M changes:

    capacity_bps   (L,)    bit/s of each link, 0 for one that is down
    path_links     (K,)    the links of path 0, then of path 1, ...
    path_start     (P+1,)  where each path begins in ``path_links``, and K
    route_start    (R+1,)  the first path of each route, and P; its further paths are alternatives in order of
                           preference. None: each path is a route of its own
    change_at_s    (M,)    s
    change_link    (M,)    link number
    change_bps     (M,)    the capacity from then on, bit/s
    detection_s            s until a route leaves a path with a link that is down, or returns to a better one
    """

    capacity_bps: ArrayLike
    path_links: ArrayLike
    path_start: ArrayLike
    route_start: ArrayLike | None = None
    change_at_s: ArrayLike = field(default_factory=no_floats)
    change_link: ArrayLike = field(default_factory=no_ints)
    change_bps: ArrayLike = field(default_factory=no_floats)
    detection_s: float = 0.0


@dataclass(frozen=True)
class Demand:
    """F flows, in any order.

    start_s         (F,)        s
    size_bytes      (F,)        bytes
    route           (F,)        route number
    weight          (F,) or ()  share relative to others at the same bottleneck
    rate_limit_bps  (F,) or ()  bit/s no flow exceeds, inf for none
    """

    start_s: ArrayLike
    size_bytes: ArrayLike
    route: ArrayLike
    weight: ArrayLike = 1.0
    rate_limit_bps: ArrayLike = np.inf


@dataclass(frozen=True)
class Times:
    """What came of it.

    finish_s (F,)  s, in the order of the flows given; inf for one that never ends
    events         starts, completions, changes, and changes becoming known
    solves         how often a surrounding had to be solved anew
    cpu_s          CPU seconds of the event loop, without compilation
    """

    finish_s: Floats
    events: int
    solves: int
    cpu_s: float


def finish_times(network: Network, demand: Demand) -> Times:
    """When each flow is done if all share by weighted max-min fairness at every instant.

    Raises ValueError, naming the array, if arrays do not fit each other or a value is out of its range.
    """
    from capacity.network.loop import advance

    state, order = prepare(network, demand)
    warm_up()  # so that loading the machine code is not counted
    began = time.process_time()
    events = 0
    while (done := advance(state, 1 << 20)) > 0:
        events += done
    cpu_s = time.process_time() - began
    finish = np.empty(len(order))
    finish[order] = state.flow_finish
    return Times(finish, events, int(state.scalars["solves"][0]), cpu_s)


@cache
def warm_up() -> None:
    """Load the compiled event loop; where there is none yet, make it, which takes about ten seconds."""
    from capacity.network.loop import advance

    advance(prepare(Network([1.0], [0], [0, 1]), Demand([0.0], [1.0], [0]))[0], 0)


def prepare(network: Network, demand: Demand) -> tuple[State, Ints]:
    """The solver's state at rest, and the flows (F,) in the order they start. Raises ValueError."""
    net, flows = checked_network(network), checked_demand(demand)
    capacity, path_links, path_start, route_start, at, link, to = net
    start, bits, route, weight, limit = flows
    if len(route) and int(route.max()) >= len(route_start) - 1:
        raise ValueError(f"route: {int(route.max())} is not one of the {len(route_start) - 1} routes")
    order = np.argsort(start, kind="stable").astype(np.int64)
    kind, sample = classes(route, weight, limit)
    routes = class_routes(path_links, path_start, route_start, route[sample], weight[sample], limit[sample])
    changes = timeline(capacity, at, link, to, network.detection_s)
    return build(capacity, routes, Flows(start[order], bits[order], kind[order]), changes), order


def classes(route: Ints, weight: Floats, limit: Floats) -> tuple[Ints, Ints]:
    """Group flows of one route, weight and limit: (F,) the class of each, (C,) one flow of each class."""
    order = np.lexsort((limit, weight, route))
    differs = np.ones(len(route), dtype=bool)
    for column in (route, weight, limit):
        ordered = column[order]
        if column is route:
            differs[1:] = ordered[1:] != ordered[:-1]
        else:
            differs[1:] |= ordered[1:] != ordered[:-1]
    kind = np.empty(len(route), dtype=np.int64)
    kind[order] = np.cumsum(differs) - 1
    return kind, order[differs].astype(np.int64)


def class_routes(
    path_links: Ints, path_start: Ints, route_start: Ints, route: Ints, weight: Floats, limit: Floats
) -> Routes:
    """A route for each class, copied, as each class has its own place on every link of it."""
    paths = np.concatenate([no_ints(), *(np.arange(route_start[r], route_start[r + 1]) for r in route)])
    links = np.concatenate([no_ints(), *(path_links[path_start[p] : path_start[p + 1]] for p in paths)])
    return Routes(
        weight=weight,
        limit=limit,
        first_path=offsets(np.diff(route_start)[route]),
        path_start=offsets(np.diff(path_start)[paths]),
        path_links=links,
    )


def checked_network(network: Network) -> tuple[Floats, Ints, Ints, Ints, Floats, Ints, Floats]:
    """The network's arrays with their types, or ValueError."""
    capacity = numbers("capacity_bps", network.capacity_bps, least=0.0)
    path_links = whole("path_links", network.path_links, len(capacity))
    path_start = starts("path_start", network.path_start, len(path_links))
    route_start = (
        np.arange(len(path_start), dtype=np.int64)
        if network.route_start is None
        else starts("route_start", network.route_start, len(path_start) - 1)
    )
    path = np.repeat(np.arange(len(path_start) - 1), np.diff(path_start))
    if len(np.unique(path * max(1, len(capacity)) + path_links)) < len(path_links):
        raise ValueError("path_links: a path crosses a link twice")
    at = numbers("change_at_s", network.change_at_s, least=0.0)
    link = whole("change_link", network.change_link, len(capacity))
    to = numbers("change_bps", network.change_bps, least=0.0)
    if not len(at) == len(link) == len(to):
        raise ValueError("change_at_s, change_link, change_bps: must be of one length")
    if not 0.0 <= network.detection_s < np.inf:
        raise ValueError("detection_s: must be 0 or more, and finite")
    return capacity, path_links, path_start, route_start, at, link, to


def checked_demand(demand: Demand) -> tuple[Floats, Floats, Ints, Floats, Floats]:
    """The flows' arrays with their types, sizes in bits, or ValueError."""
    start = numbers("start_s", demand.start_s, least=0.0)
    size = numbers("size_bytes", demand.size_bytes, above=0.0)
    route = whole("route", demand.route, None)
    weight = numbers("weight", one_each("weight", demand.weight, start), above=0.0)
    limit = one_each("rate_limit_bps", demand.rate_limit_bps, start)
    if not len(start) == len(size) == len(route):
        raise ValueError("start_s, size_bytes, route: must be of one length")
    if not (limit > 0.0).all():
        raise ValueError("rate_limit_bps: must be above 0, inf for none")
    return start, 8.0 * size, route, weight, limit


def one_each(name: str, values: ArrayLike, flows: Floats) -> Floats:
    """The value of each flow, given one for each or one for all; or ValueError."""
    try:
        return np.broadcast_to(np.asarray(values, dtype=np.float64), flows.shape)
    except ValueError:
        raise ValueError(f"{name}: must be a number, or one for each flow") from None


def numbers(name: str, values: ArrayLike, least: float = -np.inf, above: float = -np.inf) -> Floats:
    """A row of finite numbers within bounds, or ValueError."""
    array = np.ascontiguousarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name}: must have one dimension, not {array.ndim}")
    if not (np.isfinite(array) & (array >= least) & (array > above)).all():
        bound = f"{least:g} or more" if np.isfinite(least) else f"above {above:g}"
        raise ValueError(f"{name}: must be {bound}, and finite")
    return array


def whole(name: str, values: ArrayLike, count: int | None) -> Ints:
    """A row of whole numbers from 0 up to but not including ``count``, or ValueError."""
    array = np.asarray(values)
    if array.ndim != 1 or not (array.size == 0 or np.issubdtype(array.dtype, np.integer)):
        raise ValueError(f"{name}: must be a row of whole numbers")
    if array.size and (array.min() < 0 or (count is not None and array.max() >= count)):
        raise ValueError(f"{name}: must be from 0 to {'...' if count is None else count - 1}")
    return np.ascontiguousarray(array, dtype=np.int64)


def starts(name: str, values: ArrayLike, end: int) -> Ints:
    """Where consecutive, non-empty slices of ``end`` things begin, or ValueError."""
    array = whole(name, values, None)
    if len(array) == 0 or array[0] != 0 or array[-1] != end or (np.diff(array) <= 0).any():
        raise ValueError(f"{name}: must rise from 0 to {end}, no slice being empty")
    return array
