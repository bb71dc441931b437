"""The databases' log on its way to the backup center: how far behind it ever is, which is what a disaster
would lose.
"""

from __future__ import annotations

import numpy as np

from capacity.arrivals import Floats
from capacity.failures import Failure, Left
from capacity.layout import Layout
from capacity.legs import LinkState, database_bps, up_and_down
from capacity.network import Demand, Network, finish_times
from capacity.parameters import Parameters
from capacity.population import (
    COUNTERS_FOR_S,
    COUNTERS_FROM_S,
    MIDDLE_S,
    Purpose,
    lognormal,
    requests,
    stream,
)

PIECE_S = 1.0
"""The log is looked at in pieces of this length: the lag is known to about as much."""


def lag_s(layout: Layout, parameters: Parameters, failure: Failure, seed: int) -> float:
    """The longest time, s, from writing a piece of log to having it in the backup center, in a morning and a
    night.

    After the data center is lost there is no log any more; what counts is how far behind it was just then.
    """
    morning = morning_log(layout, parameters, seed)
    night = night_log(layout, parameters, seed)
    return max(
        behind(layout, parameters, failure, morning, MIDDLE_S - COUNTERS_FROM_S),
        behind(layout, parameters, failure, night, 0.0),
    )


def morning_log(layout: Layout, parameters: Parameters, seed: int) -> Floats:
    """Bytes written in each second of the part of the morning that is run."""
    what = requests(layout, parameters, seed)
    second = (what.start_s[what.update] - COUNTERS_FROM_S).astype(np.int64)
    written = np.bincount(second, minlength=int(COUNTERS_FOR_S)) * parameters.log_bytes
    return np.asarray(written, dtype=np.float64)


def night_log(layout: Layout, parameters: Parameters, seed: int) -> Floats:
    """Bytes written in each second of the night's batch jobs."""
    total = sum(
        city.population
        * parameters.batch_bytes
        * lognormal(stream(seed, city, Purpose.NIGHT), parameters.night_varies, 1)[0]
        for city in layout.cities
    )
    seconds = max(1, round(parameters.batch_s))
    return np.full(seconds, total / seconds)


def behind(
    layout: Layout, parameters: Parameters, failure: Failure, written: Floats, fails_at: float
) -> float:
    """The longest time, s, that a piece of ``written`` (bytes a second) takes if a failure comes at
    ``fails_at``.
    """
    pieces = np.flatnonzero(written)
    if len(pieces) == 0:
        return 0.0
    start = (pieces + 1) * PIECE_S
    count = len(layout.legs)
    changes = up_and_down(
        layout, parameters, failure, fails_at, [leg_state(parameters, leg.name) for leg in layout.legs]
    )
    network = Network(
        capacity_bps=np.full(count, database_bps(parameters)),
        path_links=np.arange(count),
        path_start=np.arange(count + 1),
        route_start=np.array([0, count]),
        change_at_s=changes.at_s,
        change_link=changes.link,
        change_bps=changes.bps,
        detection_s=parameters.detection_s,
    )
    demand = Demand(start, written[pieces], np.zeros(len(pieces), dtype=np.int64))
    return float(np.max(finish_times(network, demand).finish_s - start))


def leg_state(parameters: Parameters, name: str) -> LinkState:
    """The databases' class on one leg, for :func:`capacity.legs.up_and_down`."""

    def is_up(now: Left) -> bool:
        return name in now.legs or not now.data_center

    return LinkState(database_bps(parameters), is_up)
