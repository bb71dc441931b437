"""A stage of bringing the lab up: it knows whether it is done, does it, and looks again.

Here stages run one after another; lab/schedule.py runs those side by side that do not need each other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from lab.children import EndedError
from lab.errors import LabError

Detail = Callable[[str], None]
Outcome = Literal["changed", "unchanged"]


@dataclass(frozen=True)
class Stage:
    """`name` is for people; `is_done` looks and changes nothing; `do` gets it done and tells details.

    needs: names of the stages that must have ended before this one may begin, when several run side by side.
    """

    name: str
    is_done: Callable[[], bool]
    do: Callable[[Detail], None]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageResult:
    """How a stage ended, how many seconds it took, and when it began (seconds of the monotonic clock)."""

    name: str
    seconds: float
    outcome: Outcome
    began: float = 0.0


@dataclass(frozen=True)
class Event:
    """What a report hears: a stage began, is at some detail, ended, or failed. text: the detail, or how it ended."""

    stage: str
    kind: Literal["begin", "detail", "end", "fail"]
    text: str = ""
    seconds: float = 0.0


Report = Callable[[Event], None]


def run_stages(stages: Iterable[Stage], report: Report) -> list[StageResult]:
    """Run the stages in order and tell `report` of every step.

    Raises whatever a stage raises, and LabError when one believes to have done its work and finds it has not.
    """
    return [run_stage(stage, report) for stage in stages]


def wall_seconds(results: Iterable[StageResult]) -> float:
    """Seconds from the begin of the first stage to the end of the last; 0 for no stages.

    Less than the sum of the stages where some ran side by side.
    """
    spans = [(result.began, result.began + result.seconds) for result in results]
    return max(end for _, end in spans) - min(began for began, _ in spans) if spans else 0.0


def run_stage(stage: Stage, report: Report) -> StageResult:
    """Do one stage unless it is done. Raises what `run_stages` raises."""
    return timed(stage.name, report, lambda detail: _do(stage, detail))


def timed(name: str, report: Report, work: Callable[[Detail], Outcome]) -> StageResult:
    """Do `work` as the stage `name`: reported as it goes, with its time. Raises what `work` raises."""
    began = time.monotonic()
    report(Event(name, "begin"))
    try:
        outcome = work(lambda text: report(Event(name, "detail", text)))
    except BaseException as error:
        word = "ended" if isinstance(error, EndedError) else "failed"
        report(Event(name, "fail", word, time.monotonic() - began))
        raise
    seconds = time.monotonic() - began
    report(Event(name, "end", outcome, seconds))
    return StageResult(name, seconds, outcome, began)


def _do(stage: Stage, detail: Detail) -> Outcome:
    if stage.is_done():
        return "unchanged"
    stage.do(detail)
    if not stage.is_done():
        raise LabError(
            f"the stage '{stage.name}' was run and is not done",
            "run `omi lab status`, then `omi lab up` again",
        )
    return "changed"
