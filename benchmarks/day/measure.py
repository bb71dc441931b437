"""How long one simulated day takes as cities are added, and what takes the time.

    python benchmarks/day/measure.py [--cities 8 19 100 400] [--rounds 5]

The declared cities, then the candidates, then synthetic ones. What they share grows with their number, so that the
cloud is as busy at 400 as at eight; nothing is broken. Figures are CPU seconds of this process: least, median and
most over the rounds, each of another seed, of the whole day and of its parts. Below stand the functions in which the
largest day spends most of its time, without what they call.

Not a test: nothing here fails on a slow machine.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import time

from capacity import commands, verdict, workers
from capacity.failures import NOTHING
from capacity.layout import Layout, grown, in_order
from capacity.limits import LIMITS, changed
from capacity.parameters import Parameters
from capacity.run import WHOLE_DAY, Case, Job, Part, simulate
from inventory.load import load

ROW = "{:>7}  {:<12} {:>8} {:>8} {:>8}"
OF_EACH_CITY = "line_least_bps"
DEAREST = 8


def main() -> None:
    """Print the table and the profile."""
    options = arguments()
    one = verdict.model(load(None, commands.candidates(None)))
    largest = max(options.cities)
    everybody = grown(in_order(one.layout, []), largest, seed=1)
    declared = len(load().cities)
    sized = {count: as_busy(one.parameters, count / declared) for count in options.cities}
    workers.warm_up()
    print(ROW.format("cities", "CPU s", "least", "median", "most"))
    for count, parameters in sized.items():
        for name, parts in {"day": WHOLE_DAY, **{part: (part,) for part in WHOLE_DAY}}.items():
            times = [
                seconds(job(everybody.first(count), parameters, seed, parts))
                for seed in range(1, options.rounds + 1)
            ]
            print(row(count, name, times), flush=True)
    profile(job(everybody.first(largest), sized[largest], 1, WHOLE_DAY))


def arguments() -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cities", type=int, nargs="+", default=[8, 19, 100, 400])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if min(options.cities) < 1 or options.rounds < 1:
        parser.error("--cities, --rounds: at least one")
    return options


def as_busy(parameters: Parameters, times: float) -> Parameters:
    """``parameters`` with so many times as much of all that the cities share."""
    shared = {name for limit in LIMITS for name in limit.parameters} - {OF_EACH_CITY}
    return changed(parameters, {name: float(getattr(parameters, name)) * times for name in shared})


def job(layout: Layout, parameters: Parameters, seed: int, parts: tuple[Part, ...]) -> Job:
    """A day on which nothing is broken, or parts of it."""
    return Job(layout, parameters, Case(NOTHING, parameters.widths_s[0]), seed, parts)


def seconds(one: Job) -> float:
    """CPU seconds that a run takes."""
    began = time.process_time()
    simulate(one)
    return time.process_time() - began


def row(count: int, name: str, times: list[float]) -> str:
    """A line of the table."""
    figures = (f"{of(times):.2f}" for of in (min, statistics.median, max))
    return ROW.format(count, name, *figures)


def profile(one: Job) -> None:
    """Print where a run spends its time."""
    profiler = cProfile.Profile()
    profiler.runcall(simulate, one)
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(DEAREST)


if __name__ == "__main__":
    main()
