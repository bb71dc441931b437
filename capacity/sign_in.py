"""A desktop sign-in, step by step, up to where its picture goes out on the line.

broker (queue) -> a place -> storage operations -> profile over the storage network -> processor of the
session host. No step feeds back on an earlier one, so they are run one after the other for all people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from capacity.arrivals import Floats
from capacity.parameters import Center, Parameters
from capacity.population import People
from capacity.queue import admitted, departures
from capacity.sharing import Work, finished, steady_use

DAY_S = 86_400.0


@dataclass(frozen=True)
class Desktops:
    """What became of the people: who was refused (F,), and when each one's desktop began to send pictures
    (F,), s.
    """

    refused: NDArray[np.bool_]
    begun_s: Floats


def desktops(people: People, parameters: Parameters, center: Center) -> Desktops:
    """Run all steps of all people at one center."""
    welcomed = departures(people.arrival_s, people.broker * parameters.broker_s, max(1, int(center.brokers)))
    order = np.argsort(welcomed, kind="stable")
    seated = np.empty(len(order), dtype=bool)
    seated[order] = admitted(welcomed[order], np.full(len(order), DAY_S), int(center.places))
    begun = np.full(len(order), np.inf)
    if seated.any():
        begun[seated] = started(welcomed[seated], people.size[seated], parameters, center)
    return Desktops(~seated, begun)


def started(welcomed: Floats, size: Floats, parameters: Parameters, center: Center) -> Floats:
    """When the desktops of those who have a place begin to send pictures, s.

    Those let in use storage and processor steadily from the moment they are let in; that is a little more
    than true, and on the safe side.
    """
    ascending = np.sort(welcomed)
    end = float(ascending[-1]) + parameters.storage_s
    operations = Work(
        welcomed, size * parameters.storage_s * parameters.iops_at_sign_in, parameters.iops_at_sign_in
    )
    stored = finished(
        center.iops, parameters.floor, steady_use(ascending, parameters.iops_steady, end), operations
    )
    return chain(stored, size, parameters, center, ascending, end)


def chain(
    stored: Floats, size: Floats, parameters: Parameters, center: Center, ascending: Floats, end: float
) -> Floats:
    """The steps after the storage operations; what never ends in one step begins in none."""
    done = np.full(len(stored), np.inf)
    through = np.isfinite(stored)
    if not through.any():
        return done
    profile = Work(stored[through], 8 * size[through] * parameters.profile_bytes, parameters.profile_bps)
    idle = (np.zeros(1), np.zeros(1))
    loaded = finished(center.storage_bps, parameters.floor, idle, profile)
    processor = Work(loaded, size[through] * parameters.processor_s, 1.0)
    use = steady_use(ascending, parameters.steady_core, end)
    done[through] = finished(center.cores, parameters.floor, use, processor)
    return done
