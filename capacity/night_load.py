"""How full each leg of the replication link is over the night, expected: the databases' log and bulk backup, for
the report. The rules are those of :mod:`capacity.legs`; bytes wait while no leg is up.
"""

from __future__ import annotations

import numpy as np

from capacity.arrivals import Floats
from capacity.failures import Failure, left, repairs
from capacity.layout import Layout
from capacity.legs import bulk_bps, database_bps
from capacity.load import Load
from capacity.parameters import Parameters

STEP_S = 60.0


def night_times(length_s: float) -> Floats:
    """Seconds from the opening of the night's window, where the figures of a step are those from then on."""
    return np.arange(0.0, length_s, STEP_S)


def night_load(
    layout: Layout, parameters: Parameters, failure: Failure, length_s: float
) -> list[tuple[Load, Load]]:
    """Of each leg: the share of it that the log takes, and that the log and bulk backup take together.

    ``failure`` comes at the opening, the worst moment, and is repaired as declared; what is up is used in order of
    preference, one leg at a time. Bulk backup comes as fast as the leg takes it: the cities' lines are wider.
    """
    times = night_times(length_s)
    log, bulk = carried(layout, parameters, failure, times)
    whole = parameters.replication_bps
    return [
        (Load(leg.name, log[:, place] / whole), Load(leg.name, (log + bulk)[:, place] / whole))
        for place, leg in enumerate(layout.legs)
    ]


def carried(layout: Layout, parameters: Parameters, failure: Failure, times: Floats) -> tuple[Floats, Floats]:
    """bit/s of log and of bulk backup on each leg in each step: two arrays (T, legs)."""
    log, bulk = np.zeros((len(times), len(layout.legs))), np.zeros((len(times), len(layout.legs)))
    written = 8 * parameters.batch_bytes * sum(city.population for city in layout.cities)
    rate = written / parameters.batch_s
    waiting_log, waiting_bulk = 0.0, bulk_bits(layout, parameters)
    for step, (at, leg) in enumerate(
        zip(times, serving_leg(layout, parameters, failure, times), strict=True)
    ):
        waiting_log += rate * max(0.0, min(STEP_S, parameters.batch_s - at))
        if leg is None:
            continue
        log[step, leg] = min(waiting_log / STEP_S, database_bps(parameters))
        bulk[step, leg] = min(waiting_bulk / STEP_S, bulk_bps(parameters, log[step, leg]))
        waiting_log -= log[step, leg] * STEP_S
        waiting_bulk -= bulk[step, leg] * STEP_S
    return log, bulk


def bulk_bits(layout: Layout, parameters: Parameters) -> float:
    """What the night's backups of all cities come to, expected, in bits."""
    return 8 * sum(
        city.population * parameters.kikan_bytes + city.users * parameters.joho_bytes
        for city in layout.cities
    )


def serving_leg(layout: Layout, parameters: Parameters, failure: Failure, times: Floats) -> list[int | None]:
    """The first leg that is up in each step; None while none is."""
    stages = [(at, left(layout, broken).legs) for at, broken in repairs(parameters, failure)]
    place = {leg.name: number for number, leg in enumerate(layout.legs)}
    up = [next(legs for at, legs in reversed(stages) if at <= time) for time in times]
    return [place[legs[0]] if legs else None for legs in up]
