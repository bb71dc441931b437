"""How much faster two workers give a verdict than one, beside how much faster this machine can be at all.

    python benchmarks/scale_out/compare.py [--rounds 7] [--inventory DIR]

A round runs, in turn, wall-clock seconds of the whole process each (interpreter, imports, declaration, every run,
hinges, verdict on disk; nothing known from before):

    start-up     the same up to where the first run would begin: what no worker can share
    one          the verdict on one processor
    two          the verdict on two processors, so with two workers
    two copies   the one-worker program twice at once, each on a processor of its own

Two copies do twice the work with nothing to share and nothing to wait for: 2 x one / two copies is the best
speed-up that this machine gives in these minutes (shared caches and memory, a processor's turbo, neighbours). Every
other round goes the other way about, and ratios are of one round, so that a slow minute meets both sides.

Needs two processors and `taskset`. Not a test: nothing here fails on a slow machine. Exit status 1 if the verdicts
of one and two workers are not the same bytes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERDICT = """
import sys
from pathlib import Path
from capacity import commands
status = commands.verdict(inventory=Path(sys.argv[2]) if sys.argv[2] else None, checkout=Path(sys.argv[1]))
sys.exit(status if status > 1 else 0)
"""
START_UP = """
import sys
from pathlib import Path
from capacity import commands, verdict, workers
from inventory.load import load
verdict.cases(verdict.model(load(Path(sys.argv[2]) if sys.argv[2] else None)))
workers.warm_up()
"""
ROW = "{:<44} {:>8} {:>8} {:>8}"
Times = dict[str, float]


def main() -> int:
    """Print the table; 1 if two workers find something else than one."""
    options = arguments()
    processors = sorted(os.sched_getaffinity(0))[:2]
    if len(processors) < 2:
        print("this process may use one processor only: there is nothing to compare", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.inventory, processors)
        bench.start_up()  # makes the machine code, once per machine
        rounds = [measured(bench, number) for number in range(options.rounds)]
        same = bench.verdicts_agree()
    for line in table(rounds):
        print(line)
    print("the verdicts of one and of two workers are " + ("the same bytes" if same else "DIFFERENT"))
    return 0 if same else 1


def arguments() -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--inventory", default="", help="a folder with a declaration; default: the repository's"
    )
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds: at least one")
    return options


class Bench:
    """The programs that are compared. Each run has a folder of its own, so that it knows nothing of another."""

    def __init__(self, folder: Path, inventory: str, processors: Sequence[int]) -> None:
        self.folder = folder
        self.inventory = inventory
        self.processors = processors
        self.runs = 0

    def start_up(self) -> None:
        """Everything before the first run, on one processor."""
        self.wait([self.begin(START_UP, self.processors[:1])])

    def one(self) -> None:
        """The verdict on one processor."""
        self.wait([self.begin(VERDICT, self.processors[:1])])

    def two(self) -> None:
        """The verdict on two processors."""
        self.wait([self.begin(VERDICT, self.processors)])

    def two_copies(self) -> None:
        """Two verdicts that know nothing of each other, on one processor each."""
        self.wait([self.begin(VERDICT, [processor]) for processor in self.processors])

    def begin(self, program: str, processors: Sequence[int]) -> subprocess.Popen[bytes]:
        """Start a program that may use these processors only."""
        self.runs += 1
        checkout = self.folder / str(self.runs)
        allowed = ["taskset", "--cpu-list", ",".join(map(str, processors))]
        command = [*allowed, sys.executable, "-c", program, str(checkout), self.inventory]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)

    def wait(self, running: Sequence[subprocess.Popen[bytes]]) -> None:
        """Until all have ended. Raises CalledProcessError if one ended badly."""
        for process in running:
            if process.wait():
                raise subprocess.CalledProcessError(process.returncode, process.args)

    def verdicts_agree(self) -> bool:
        """Whether every run wrote the same verdict."""
        return len({file.read_bytes() for file in self.folder.glob("*/.cache/verdict/*.json")}) == 1


def measured(bench: Bench, number: int) -> Times:
    """Seconds of each program in one round; every other round in the other order."""
    programs = {
        "start-up": bench.start_up,
        "one": bench.one,
        "two": bench.two,
        "two copies": bench.two_copies,
    }
    order = list(programs)[:: -1 if number % 2 else 1]
    return {name: seconds(programs[name]) for name in order}


def seconds(call: Callable[[], None]) -> float:
    """Wall-clock seconds that ``call`` takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def table(rounds: Sequence[Times]) -> list[str]:
    """The least, the median and the most of every time and ratio over the rounds."""
    rows = [
        (f"{name}, s", [one[name] for one in rounds]) for name in ("start-up", "one", "two", "two copies")
    ]
    rows += [
        ("two workers, times one, whole process", [one["one"] / one["two"] for one in rounds]),
        ("two workers, times one, without start-up", [without_start_up(one) for one in rounds]),
        ("the best this machine gives: two copies", [2 * one["one"] / one["two copies"] for one in rounds]),
    ]
    return [
        ROW.format(f"{len(rounds)} rounds", "least", "median", "most"),
        *(
            ROW.format(name, *(f"{of(values):.2f}" for of in (min, statistics.median, max)))
            for name, values in rows
        ),
    ]


def without_start_up(one: Times) -> float:
    """The speed-up of what workers can share at all."""
    return (one["one"] - one["start-up"]) / (one["two"] - one["start-up"])


if __name__ == "__main__":
    sys.exit(main())
