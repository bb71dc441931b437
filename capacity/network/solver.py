"""A scenario solved: when each flow is done."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from capacity.network.arrays import Demand, Network, finish_times
from capacity.network.rules import InvalidScenarioError, check, messages
from capacity.network.scenario import Scenario


@dataclass(frozen=True)
class Completion:
    """When a flow was done and its mean rate. None: it never ends, as a link on its path stays down."""

    id: str
    finish_s: float | None
    mean_bps: float | None


@dataclass(frozen=True)
class Result:
    """Completions in the order of the scenario's flows.

    ``makespan_s``: when the last was done, None if one never ends, 0 if there are none. ``cpu_s``: CPU
    seconds of the event loop alone. ``events``: starts, completions, changes, and changes becoming known.
    ``solves``: how often rates had to be worked out anew for all that hangs together, instead of following
    one class.
    """

    completions: tuple[Completion, ...]
    makespan_s: float | None
    cpu_s: float
    events: int
    solves: int


def run(scenario: Scenario) -> Result:
    """Share the links by weighted max-min fairness at every instant.

    Raises InvalidScenarioError, with every breach, if the scenario does not keep the rules of
    :mod:`capacity.network.rules`.
    """
    if faults := check(scenario.model_dump()):
        raise InvalidScenarioError(messages("scenario", faults))
    times = finish_times(*arrays(scenario))
    completions = tuple(
        completion(flow.id, flow.start_s, 8 * flow.bytes, float(finish))
        for flow, finish in zip(scenario.flows, times.finish_s, strict=True)
    )
    last = float(times.finish_s.max(initial=0.0))
    return Result(completions, last if math.isfinite(last) else None, times.cpu_s, times.events, times.solves)


def completion(name: str, start_s: float, bits: float, finish_s: float) -> Completion:
    """One flow's result."""
    if not math.isfinite(finish_s):
        return Completion(name, None, None)
    # A flow too small for the clock's last digit takes no time that can be told.
    return Completion(name, finish_s, bits / (finish_s - start_s) if finish_s > start_s else None)


def arrays(scenario: Scenario) -> tuple[Network, Demand]:
    """The scenario as arrays. Flows with the same path and alternatives share a route."""
    number = {link.id: i for i, link in enumerate(scenario.links)}
    routes: dict[tuple[tuple[str, ...], ...], int] = {}
    route = [routes.setdefault((flow.path, *flow.alternatives), len(routes)) for flow in scenario.flows]
    paths = [path for alternatives in routes for path in alternatives]
    network = Network(
        capacity_bps=[link.capacity_bps for link in scenario.links],
        path_links=np.array([number[link] for path in paths for link in path], dtype=np.int64),
        path_start=np.cumsum([0, *map(len, paths)]),
        route_start=np.cumsum([0, *map(len, routes)]),
        change_at_s=[change.at_s for change in scenario.changes],
        change_link=np.array([number[change.link] for change in scenario.changes], dtype=np.int64),
        change_bps=[change.capacity_bps for change in scenario.changes],
        detection_s=scenario.detection_s,
    )
    demand = Demand(
        start_s=[flow.start_s for flow in scenario.flows],
        size_bytes=[flow.bytes for flow in scenario.flows],
        route=np.array(route, dtype=np.int64),
        weight=[flow.weight for flow in scenario.flows],
        rate_limit_bps=[
            math.inf if flow.rate_limit_bps is None else flow.rate_limit_bps for flow in scenario.flows
        ],
    )
    return network, demand
