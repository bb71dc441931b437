"""Flow solver against SimGrid, from Python and from C++, side by side in one run.

    python benchmarks/flow_solver/compare.py [--loads 0.6 1.5] [--cities 8 19 100 400] [--flows 20000]
    python benchmarks/flow_solver/compare.py --load 1.5 --cities 400 --cap 300

A star of N cities, 1 Gbit/s each, into a core of 4 Gbit/s; Poisson arrivals of flows with exponential sizes
of 5 MB on average. All three get the same file. Figures are CPU seconds, the least of the repeated runs:
`solver` is the simulation alone (for SimGrid its Engine.run, for ours the whole call with preparing its
arrays), `process` is all of the process. With `--cap`, a program that has used so many CPU seconds is ended, and the
table says that it took more; its completions are then not compared. Making the machine code, once per machine,
is timed apart; completions must agree.

Needs Debian's libsimgrid-dev, python3-simgrid and g++. Not a test: nothing here fails on a slow machine.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

Result = TypeVar("Result")
HERE = Path(__file__).parent
CITY_BPS, CORE_BPS, MEAN_BYTES = 1e9, 4e9, 5e6
# Plain fair sharing, without SimGrid's models of TCP windows and of acknowledgements on the way back.
SIMGRID = [
    "--cfg=network/model:CM02",
    "--cfg=network/TCP-gamma:0",
    "--cfg=network/crosstraffic:0",
    "--log=root.t:error",
]
OVER_CAP = "{:>4} {:>6} {:>15} {:>19}"
TOLERANCE = 1e-5
HEADER = "{:>4} {:>6} {:>15} {:>9} {:>9} {:>10} {:>10}"
ROW = "{:>4} {:>6} {:>15} {:>9.4f} {:>9.3f} {:>10.1f} {:>10.1e}"


class Run(NamedTuple):
    """CPU seconds of one run: what the program printed, and the whole process."""

    printed: list[float]
    process_s: float


class OverCapError(Exception):
    """A program has used up its CPU seconds."""


def main() -> int:
    """Print the table; 1 if completions differ."""
    options = arguments()
    agree = True
    print(HEADER.format("load", "cities", "who", "solver s", "process s", "times ours", "differs by"))
    print(f"machine code made in {compile_anew():.1f} s", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        programs = {
            "ours": [sys.executable, str(HERE / "ours.py")],
            "SimGrid C++": [str(build_peer(Path(folder))), *SIMGRID],
            "SimGrid Python": [options.simgrid_python, str(HERE / "peer_simgrid.py"), *SIMGRID],
        }
        for load in options.loads:
            for cities in options.cities:
                workload = Path(folder) / "workload"
                workload.write_text(
                    make_workload(cities, load, options.flows, options.seed), encoding="ascii"
                )
                agree &= compare(programs, workload, load, cities, options)
    return 0 if agree else 1


def arguments() -> argparse.Namespace:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--loads", "--load", type=float, nargs="+", default=[0.6, 1.5])
    parser.add_argument("--cities", type=int, nargs="+", default=[8, 19, 100, 400])
    parser.add_argument("--flows", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--cap", type=int, help="CPU seconds after which a program is ended; default: none")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--simgrid-python", default="/usr/bin/python3")
    return parser.parse_args()


def compile_anew() -> float:
    """CPU seconds to make the solver's machine code where there is none, importing the compiler included."""
    command = [sys.executable, "-c", "from capacity.network.arrays import warm_up; warm_up()"]
    with tempfile.TemporaryDirectory() as cache:
        return spent(
            lambda: subprocess.run(command, check=True, env={**os.environ, "XDG_CACHE_HOME": cache})
        )[0]


def build_peer(folder: Path) -> Path:
    """The C++ peer, compiled for this machine."""
    peer = folder / "peer"
    source = HERE / "peer_simgrid.cpp"
    try:
        subprocess.run(["g++", "-O3", "-march=native", "-o", peer, source, "-lsimgrid"], check=True)
    except (OSError, subprocess.CalledProcessError):
        sys.exit("the peer cannot be built; install Debian's libsimgrid-dev, python3-simgrid and g++")
    return peer


def make_workload(cities: int, load: float, flows: int, seed: int) -> str:
    """The workload's text: `cities city_bps core_bps flows`, then `start_s bytes city` of each flow."""
    rng = np.random.default_rng(seed)
    start = np.cumsum(rng.exponential(8 * MEAN_BYTES / (load * CORE_BPS), flows))
    size = np.ceil(rng.exponential(MEAN_BYTES, flows)).astype(int)  # SimGrid takes whole bytes
    city = rng.integers(0, cities, flows)
    rows = (f"{t!r} {s} {c}" for t, s, c in zip(start.tolist(), size, city, strict=True))
    return "\n".join([f"{cities} {CITY_BPS!r} {CORE_BPS!r} {flows}", *rows, ""])


def compare(
    programs: dict[str, list[str]], workload: Path, load: float, cities: int, options: argparse.Namespace
) -> bool:
    """Run all programs on one workload and print a line for each; whether their completions agree."""
    finishes = {name: workload.with_name(name.replace(" ", "-")) for name in programs}
    best = {}
    for name, command in programs.items():
        try:
            best[name] = best_run(command, workload, finishes[name], options)
        except OverCapError:
            print(OVER_CAP.format(load, cities, name, f"more than {options.cap} s"), flush=True)
    if "ours" not in best:
        return True  # nothing to hold the others against, and nothing said of them
    ours = np.loadtxt(finishes["ours"])
    agree = True
    for name, run in best.items():
        differs = float(np.max(np.abs(np.loadtxt(finishes[name]) / ours - 1)))
        agree &= differs <= TOLERANCE
        factor = run.printed[0] / best["ours"].printed[0]
        print(ROW.format(load, cities, name, run.printed[0], run.process_s, factor, differs), flush=True)
    _, loop, code = best["ours"].printed
    print(
        f"{'':>12}ours: {loop:.4f} s of it in the event loop; {code:.2f} s to load the machine code",
        flush=True,
    )
    return agree


def best_run(command: list[str], workload: Path, finishes: Path, options: argparse.Namespace) -> Run:
    """The quickest of the repeated runs of one program. Raises OverCapError."""
    # A storm takes SimGrid half a minute: once is enough to tell tens of seconds from milliseconds.
    runs = [execute(command, workload, finishes, options.cap)]
    more = options.repeat - 1 if runs[0].process_s < 5 else 0
    runs += [execute(command, workload, finishes, options.cap) for _ in range(more)]
    return min(runs, key=lambda run: run.printed[0])


def execute(command: list[str], workload: Path, finishes: Path, cap: int | None) -> Run:
    """Run one program to its end. Raises OverCapError once it has used ``cap`` CPU seconds, so that a busy machine
    ends nobody early.
    """
    program, *options = command
    if program == sys.executable or program.endswith("python3"):
        script, *options = options
        arguments = [program, script, str(workload), str(finishes), *options]
    else:
        arguments = [program, str(workload), str(finishes), *options]
    if cap is not None:
        arguments = ["prlimit", f"--cpu={cap}:{cap + 1}", *arguments]
    seconds, done = spent(lambda: subprocess.run(arguments, capture_output=True, text=True))
    if cap is not None and done.returncode in (-signal.SIGXCPU, -signal.SIGKILL) and seconds >= cap - 1:
        raise OverCapError
    done.check_returncode()
    return Run([float(field) for field in done.stdout.split()], seconds)


def spent(call: Callable[[], Result]) -> tuple[float, Result]:
    """CPU seconds of the processes that ``call`` starts and waits for, and its result."""
    before = os.times()
    result = call()
    after = os.times()
    user, system = after.children_user - before.children_user, after.children_system - before.children_system
    return user + system, result


if __name__ == "__main__":
    sys.exit(main())
