"""The replication link as both its users see it: a class on each leg, and when the legs are down.

HTB gives each class its guarantee and lends what the other leaves idle. The databases' log comes first, so it
is looked at with bulk backup asking for everything (a late backup at 08:30 changes nothing then), and bulk
backup with what the log leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from capacity.arrivals import Floats
from capacity.failures import Failure, Left, left, repairs
from capacity.layout import Layout
from capacity.parameters import Parameters
from capacity.population import Ints


class Changes(NamedTuple):
    """When (s) which link gets which capacity (bit/s); arrays (M,)."""

    at_s: Floats
    link: Ints
    bps: Floats


def changes(rows: list[tuple[float, int, float]]) -> Changes:
    """Rows of time, link and capacity as arrays."""
    at, link, bps = zip(*rows, strict=True) if rows else ((), (), ())
    return Changes(np.array(at, dtype=float), np.array(link, dtype=np.int64), np.array(bps, dtype=float))


class LinkState(NamedTuple):
    """A link's capacity when it is up (bit/s), and whether it is up in what is left."""

    bps: float
    is_up: Callable[[Left], bool]


def database_bps(parameters: Parameters) -> float:
    """What the databases' log gets while bulk backup asks for everything."""
    return parameters.replication_bps * parameters.database_share


def bulk_bps(parameters: Parameters, log_bps: float) -> float:
    """What bulk backup gets while the log takes ``log_bps``."""
    guarantee = parameters.replication_bps * parameters.bulk_share
    return max(guarantee, parameters.replication_bps - log_bps)


def up_and_down(
    layout: Layout,
    parameters: Parameters,
    failure: Failure,
    at_s: float,
    states: list[LinkState],
) -> Changes:
    """Capacity changes of links from a failure at ``at_s`` until all is repaired."""
    rows: list[tuple[float, int, float]] = []
    before = [True] * len(states)
    for after, broken in repairs(parameters, failure):
        now = left(layout, broken)
        for number, (bps, is_up) in enumerate(states):
            up = is_up(now)
            if up != before[number]:
                rows.append((at_s + after, number, bps if up else 0.0))
                before[number] = up
    return changes(rows)
