"""A stage of bringing the lab up: it knows whether it is done, does it, and looks again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from lab.errors import LabError

Detail = Callable[[str], None]
Outcome = Literal["changed", "unchanged"]


@dataclass(frozen=True)
class Stage:
    """`name` is for people; `is_done` looks and changes nothing; `do` gets it done and tells details."""

    name: str
    is_done: Callable[[], bool]
    do: Callable[[Detail], None]


@dataclass(frozen=True)
class StageResult:
    """How a stage ended and how many seconds it took."""

    name: str
    seconds: float
    outcome: Outcome


@dataclass(frozen=True)
class Event:
    """What a report hears: a stage began, is at some detail, ended, or failed."""

    stage: str
    kind: Literal["begin", "detail", "end", "fail"]
    text: str = ""
    seconds: float = 0.0


Report = Callable[[Event], None]


def run_stages(stages: Iterable[Stage], report: Report) -> list[StageResult]:
    """Run the stages in order and tell `report` of every step.

    Raises whatever a stage raises, and LabError when one believes to have done its work and finds it has not.
    """
    return [_run(stage, report) for stage in stages]


def _run(stage: Stage, report: Report) -> StageResult:
    began = time.monotonic()
    report(Event(stage.name, "begin"))
    try:
        outcome: Outcome = "unchanged"
        if not stage.is_done():
            stage.do(lambda text: report(Event(stage.name, "detail", text)))
            outcome = "changed"
            if not stage.is_done():
                raise LabError(
                    f"the stage '{stage.name}' was run and is not done",
                    "run `omi lab status`, then `omi lab up` again",
                )
    except BaseException:
        report(Event(stage.name, "fail", seconds=time.monotonic() - began))
        raise
    seconds = time.monotonic() - began
    report(Event(stage.name, "end", outcome, seconds))
    return StageResult(stage.name, seconds, outcome)
