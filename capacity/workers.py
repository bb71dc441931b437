"""Many runs at once: on processes of this machine, or on a Dask cluster. The results are the same bytes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from importlib import import_module
from typing import Any

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
    machine.
    """

    def __init__(self, store: Store, scheduler: str | None = None, progress: Progress | None = None) -> None:
        self.store = store
        self.scheduler = scheduler
        self.progress = progress or quiet

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
        return on_processes(jobs)


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


def on_processes(jobs: list[Job]) -> Done:
    """As many processes as processors."""
    warm_up()
    pool = ProcessPoolExecutor(min(processors(), len(jobs)), initializer=leave_interrupts_to_the_parent)
    try:
        numbers = {pool.submit(simulate, job): number for number, job in enumerate(jobs)}
        for future in as_completed(numbers):
            yield numbers[future], future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def warm_up() -> None:
    """Compile the flow solver once, before there are several processes that would each do it."""
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
