"""Queues, on SimPy: several servers, first come first served; and places that are taken or not to be had."""

from __future__ import annotations

import heapq
import math
from collections.abc import Generator, Iterator

import numpy as np
import simpy
from numpy.typing import NDArray

from capacity.arrivals import Floats

Job = tuple[int, float, float]


def departures(arrivals: Floats, work_s: Floats, servers: int) -> Floats:
    """When each job is done, s, in the order given: ``servers`` take the jobs one by one as they came.

    arrivals (F,)  s, ascending
    work_s   (F,)  s of one server

    The servers are the SimPy processes, not the jobs: one event a job instead of five, and the same times
    (docs/decisions/0051). Raises ValueError if arrivals do not ascend or there is no server.
    """
    if servers < 1:
        raise ValueError("a queue needs at least one server")
    if (np.diff(arrivals) < 0).any():
        raise ValueError("arrivals must ascend")
    if nobody_waits(arrivals, work_s, servers):
        return arrivals + work_s
    environment = simpy.Environment()
    done = [math.nan] * len(arrivals)
    jobs = iter(zip(range(len(arrivals)), arrivals.tolist(), work_s.tolist(), strict=True))
    for _ in range(min(servers, len(arrivals))):
        environment.process(server(environment, jobs, done))
    environment.run()
    return np.asarray(done, dtype=np.float64)


def nobody_waits(arrivals: Floats, work_s: Floats, servers: int) -> bool:
    """Whether every job finds a server free: then it is done its work after it came, and there is no queue to run.

    If each job began as it came, how many of those before it would still be at work? Where that is always fewer than
    there are servers, each did. False, too, where a job takes no time: then who came before is not seen from times.
    """
    done = arrivals + work_s
    if not (done > arrivals).all():
        return False
    left = np.searchsorted(np.sort(done), arrivals, side="right")
    return bool((np.arange(len(arrivals)) - left < servers).all())


def server(
    environment: simpy.Environment, jobs: Iterator[Job], done: list[float]
) -> Generator[simpy.Event, None, None]:
    """One server: takes the next job, waits for it if need be, works, and notes when it was done."""
    for number, arrival, work in jobs:
        wait = arrival - environment.now
        yield environment.timeout(wait + work if wait > 0.0 else work)
        done[number] = environment.now


def admitted(arrivals: Floats, stay_s: Floats, places: int) -> NDArray[np.bool_]:
    """Who finds a place: (F,), for arrivals (F,) ascending that stay (F,) s; who finds none goes away."""
    leaving: list[float] = []
    result = np.zeros(len(arrivals), dtype=bool)
    for number, (arrival, stay) in enumerate(zip(arrivals.tolist(), stay_s.tolist(), strict=True)):
        while leaving and leaving[0] <= arrival:
            heapq.heappop(leaving)
        if len(leaving) < places:
            heapq.heappush(leaving, arrival + stay)
            result[number] = True
    return result
