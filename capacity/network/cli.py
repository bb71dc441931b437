"""``omi capacity flows``: a scenario file in, completions out."""

from __future__ import annotations

import json as json_format
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capacity.network.solver import Completion, Result

FINE, BAD_INPUT = 0, 2
SHOWN = 20
"""Flows that a person is shown: the last to end."""


def flows(scenario: Path, json: bool, timing: bool) -> int:
    """Print when each flow of the file is done; the exit code.

    0: solved, even if some never end. 2: the file is refused, every reason is on standard error, and nothing
    was computed.
    """
    from capacity.network.reading import load_scenario
    from capacity.network.rules import InvalidScenarioError

    clock = Clock()
    try:
        loaded = load_scenario(scenario)
    except InvalidScenarioError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return BAD_INPUT
    clock.lap("read_s")
    load_solver()
    clock.lap("machine_code_s")
    from capacity.network.solver import run

    result = run(loaded)
    clock.lap("solve_s")
    times = {**clock.laps, "events": result.events, "solves": result.solves} if timing else {}
    print(as_json(result, times) if json else as_text(result, times))
    return FINE


class Clock:
    """CPU seconds of one step after the other."""

    def __init__(self) -> None:
        self.last = time.process_time()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Note the CPU time since the last lap under ``name``."""
        now = time.process_time()
        self.laps[name], self.last = now - self.last, now


def load_solver() -> None:
    """Load the machine code, saying so where it must be made first, which takes some seconds."""
    from capacity.network.jit import cache_folder

    if not any(cache_folder().rglob("*.nbc")):
        print("Compiling the solver, once: about ten seconds.", file=sys.stderr)
    from capacity.network.arrays import warm_up

    warm_up()


def as_json(result: Result, times: dict[str, float | int]) -> str:
    """The result as one JSON object; ``null`` for what never ends."""
    document: dict[str, Any] = {
        "completions": [vars(completion) for completion in result.completions],
        "makespan_s": result.makespan_s,
        "cpu_s": result.cpu_s,
    }
    if times:
        document["timing"] = times
    return json_format.dumps(document)


def as_text(result: Result, times: dict[str, float | int]) -> str:
    """The result for a person: the flows that end last, those that never end first."""
    order = sorted(result.completions, key=lambda done: (done.finish_s is not None, -(done.finish_s or 0.0)))
    never = sum(done.finish_s is None for done in order)
    count = len(order)
    lines = [f"{'flow':<32} {'done at s':>14} {'mean Mbit/s':>12}", *map(as_line, order[:SHOWN])]
    if count > SHOWN:
        lines.append(f"... and {count - SHOWN} that end earlier; --json gives all")
    ends = "" if result.makespan_s is None else f", the last done at {result.makespan_s:.6f} s"
    lines.append(
        f"{count} flows{ends}" + (f", {never} never end: a link on their path stays down" if never else "")
    )
    lines += [f"{name:<16} {value:>12.6f}" for name, value in times.items() if isinstance(value, float)]
    lines += [f"{name:<16} {value:>12}" for name, value in times.items() if isinstance(value, int)]
    return "\n".join(lines)


def as_line(done: Completion) -> str:
    """One flow as a line of the table."""
    at = "never" if done.finish_s is None else f"{done.finish_s:.6f}"
    mean = "-" if done.mean_bps is None else f"{done.mean_bps / 1e6:.3f}"
    return f"{done.id:<32} {at:>14} {mean:>12}"
