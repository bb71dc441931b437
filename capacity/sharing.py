"""One resource that all share: a storage's IOPS, a storage network, the cores of the session hosts.

Each piece of work takes an equal share, never more than its own limit: a link for the flow solver, with IOPS
or cores in place of bit/s. Steady use comes first; newcomers share what it leaves, but at least the floor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from capacity.arrivals import Floats
from capacity.network import Demand, Network, finish_times

STEP_S = 30.0
"""How often steady use is looked at again: far shorter than the peaks, long enough to be cheap."""
BITS = 8.0


class Work(NamedTuple):
    """Pieces of work (F,): when each begins (s), how many units it needs, and the most it takes, units a
    second.
    """

    start_s: Floats
    units: Floats
    limit: float


def steady_use(begun: Floats, each: float, end_s: float) -> tuple[Floats, Floats]:
    """Times from 0 to ``end_s``, and what all who have begun by then (ascending) use, at ``each``."""
    times = np.arange(0.0, end_s + STEP_S, STEP_S)
    return times, np.asarray(each * np.searchsorted(begun, times, side="right"), dtype=np.float64)


def finished(capacity: float, floor: float, used: tuple[Floats, Floats], work: Work) -> Floats:
    """When each piece of work is done, s.

    ``capacity`` in units a second, of which ``floor`` (a share) is kept for newcomers; ``used`` are the
    times, s, and amounts, units a second, of steady use.
    """
    times, amounts = used
    free = np.maximum(capacity * floor, capacity - amounts)
    network = Network(
        capacity_bps=np.array([free[0]]),
        path_links=np.array([0]),
        path_start=np.array([0, 1]),
        change_at_s=times[1:],
        change_link=np.zeros(len(times) - 1, dtype=np.int64),
        change_bps=free[1:],
    )
    demand = Demand(
        start_s=work.start_s,
        size_bytes=work.units / BITS,
        route=np.zeros(len(work.start_s), dtype=np.int64),
        rate_limit_bps=work.limit,
    )
    return finish_times(network, demand).finish_s
