"""Many runs at once: on processes of this machine, or on a Dask cluster. The results are the same bytes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from functools import cache
from importlib import import_module
from typing import Any, Self

import numpy as np

from capacity.figures import Figures
from capacity.network import Demand, Network, finish_times
from capacity.run import Job, simulate
from capacity.store import Store

Progress = Callable[[int, int], None]
"""Called with how many of how many runs are done."""
Done = Generator[tuple[int, Figures], None, None]
FEW = 2
"""Runs for which starting processes is not worth it."""


def quiet(done: int, total: int) -> None:
    """Show no progress."""
    del done, total


class Workers:
    """Runs jobs, those known from the store excepted, and keeps what comes.

    ``scheduler`` is the address of a Dask scheduler (``tcp://host:port``); None means processes of this
    machine, as many as processors. They are started with the first jobs and serve until ``close``.
    """

    def __init__(self, store: Store, scheduler: str | None = None, progress: Progress | None = None) -> None:
        self.store = store
        self.scheduler = scheduler
        self.progress = progress or quiet
        self.pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes, once each has done the job it is at."""
        if self.pool is not None:
            self.pool.shutdown(wait=True, cancel_futures=True)
            self.pool = None

    def run(self, jobs: Sequence[Job]) -> list[Figures]:
        """The figures of ``jobs``, in their order. On an interrupt, what is done stays in the store.

        Raises OSError if the Dask scheduler cannot be reached.
        """
        found = [self.store.find(job) for job in jobs]
        missing = [place for place, figures in enumerate(found) if figures is None]
        self.progress(0, len(missing))
        with closing(self.compute([jobs[place] for place in missing])) as results:
            for count, (number, figures) in enumerate(results, start=1):
                self.store.keep(jobs[missing[number]], figures)
                found[missing[number]] = figures
                self.progress(count, len(missing))
        return [figures for figures in found if figures is not None]

    def compute(self, jobs: list[Job]) -> Done:
        """Number and figures of each of ``jobs``, as they come."""
        if self.scheduler is not None and jobs:
            return on_cluster(self.scheduler, jobs)
        if len(jobs) <= FEW or processors() == 1:
            return ((number, simulate(job)) for number, job in enumerate(jobs))
        if self.pool is None:
            warm_up()
            self.pool = ProcessPoolExecutor(processors(), initializer=leave_interrupts_to_the_parent)
        return on_processes(self.pool, jobs)


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


def on_processes(pool: ProcessPoolExecutor, jobs: list[Job]) -> Done:
    """The processes of this machine. If whoever asks goes away, what has not begun is not begun."""
    numbers = {pool.submit(simulate, job): number for number, job in enumerate(jobs)}
    try:
        for future in as_completed(numbers):
            yield numbers[future], future.result()
    finally:
        for future in numbers:
            future.cancel()


@cache
def warm_up() -> None:
    """Load the flow solver's machine code once, before there are several processes that would each do it."""
    network = Network(np.ones(1), np.array([0]), np.array([0, 1]))
    finish_times(network, Demand(np.zeros(1), np.ones(1), np.array([0])))


def leave_interrupts_to_the_parent() -> None:
    """Ctrl-C goes to all processes of a terminal; only the parent knows what to do then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def on_cluster(address: str, jobs: list[Job]) -> Done:
    """The workers of a Dask cluster, which must have this package. Raises OSError if it cannot be reached."""
    distributed: Any = import_module("distributed")  # half of it has types, this half has none

    with distributed.Client(address, timeout="5s", set_as_default=False) as client:
        futures = client.map(simulate, jobs, pure=False)
        numbers = {future.key: number for number, future in enumerate(futures)}
        for future, figures in distributed.as_completed(futures, loop=client.loop, with_results=True):
            yield numbers[future.key], Figures(*figures)
