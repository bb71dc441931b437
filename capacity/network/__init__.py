"""Weighted max-min fair sharing of links by flows, event by event and exact.

    scenario   what a scenario may contain          rules     what must hold between its parts
    reading    from a file, all mistakes at once    timeline  what becomes known of links, and when
    solver     a scenario solved                    arrays    the same in bulk, over arrays
    loop       what happens, in order of time       filling   max-min fairness from its definition
    sharing    following one class cheaply          groups    virtual clocks
    jit        compilation                          state     the memory layout

``run`` and ``load_scenario`` are all most callers need. The compiled part is loaded at the first run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capacity.network.arrays import Demand, Network, Times, finish_times
    from capacity.network.reading import load_scenario
    from capacity.network.rules import InvalidScenarioError
    from capacity.network.scenario import Scenario
    from capacity.network.solver import Result, run

__all__ = [
    "Demand",
    "InvalidScenarioError",
    "Network",
    "Result",
    "Scenario",
    "Times",
    "finish_times",
    "load_scenario",
    "run",
]
HOME = {
    **dict.fromkeys(("Demand", "Network", "Times", "finish_times"), "arrays"),
    "load_scenario": "reading",
    "InvalidScenarioError": "rules",
    **dict.fromkeys(("Result", "run"), "solver"),
    "Scenario": "scenario",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is asked for: the command line starts without numpy and the compiler."""
    from importlib import import_module

    if name not in HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOME[name]}"), name)
