"""Stages side by side: each begins once those it needs have ended.

What may begin is decided by `startable`, a pure function; a thread runs each stage that has begun. There is no limit
to how many run: those that work for long are two or three, and share the machine's processors as other programs do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from lab import children
from lab.errors import LabError
from lab.stage import Event, Report, Stage, StageResult, run_stage

LOOK_SECONDS = 0.5  # how often a stage that is to end is looked at; Ctrl-C is heard at once in any case


def startable(stages: Sequence[Stage], begun: Collection[str], ended: Collection[str]) -> list[Stage]:
    """The stages that may begin now, in the order given: not begun, and all they need has ended well."""
    return [stage for stage in stages if stage.name not in begun and set(stage.needs) <= set(ended)]


def misplaced_needs(stages: Sequence[Stage]) -> list[str]:
    """What is wrong with the stages' needs: each must name a stage that stands before it in the list.

    So the list, read from top to bottom, is an order in which the stages could run one at a time.
    """
    before: set[str] = set()
    wrong = []
    for stage in stages:
        wrong += [f"{stage.name} needs {need}" for need in stage.needs if need not in before]
        before.add(stage.name)
    return wrong


def run_side_by_side(stages: Sequence[Stage], report: Report) -> list[StageResult]:
    """Run the stages, as many at once as their needs allow; the results are in the order given.

    `report` is called by one thread at a time. When a stage fails, no other begins, those at work are ended, and
    what the failed ones raised is raised here: one error as it is, several LabErrors as one. KeyboardInterrupt
    ends the stages at work too. Raises ValueError where `misplaced_needs` finds something.
    """
    if wrong := misplaced_needs(stages):
        raise ValueError(f"stages in no possible order: {', '.join(wrong)}")
    running: dict[Future[StageResult], Stage] = {}
    with ThreadPoolExecutor(max(1, len(stages))) as pool:
        try:
            results = _run_all(stages, _one_at_a_time(report), pool, running)
        except BaseException:
            _end(running)
            raise
    if errors := [error for future in running if (error := future.exception())]:
        raise combined(errors)
    return [results[stage.name] for stage in stages]


def combined(errors: Sequence[BaseException]) -> BaseException:
    """The one error to raise for those of several stages. What failed because it was ended does not count."""
    own = [error for error in errors if not isinstance(error, children.EndedError)] or list(errors)
    known = [error for error in own if isinstance(error, LabError)]
    if len(own) == 1 or len(known) < len(own):
        return next((error for error in own if not isinstance(error, LabError)), own[0])
    others = "\n".join(str(error) for error in known[:-1])
    return LabError(f"{others}\n{known[-1].message}", known[-1].what_to_do)


def _run_all(
    stages: Sequence[Stage],
    report: Report,
    pool: ThreadPoolExecutor,
    running: dict[Future[StageResult], Stage],
) -> dict[str, StageResult]:
    """Run stages until all have ended or one has failed; then end the rest. `running` gets every one that began."""
    results: dict[str, StageResult] = {}
    begun: set[str] = set()
    while len(results) < len(stages):
        for stage in startable(stages, begun, results):
            begun.add(stage.name)
            running[pool.submit(run_stage, stage, report)] = stage
        at_work = [future for future, stage in running.items() if stage.name not in results]
        for future in wait(at_work, return_when=FIRST_COMPLETED).done:
            if future.exception():
                _end(running)
                return results
            results[running[future].name] = future.result()
    return results


def _end(running: Collection[Future[StageResult]]) -> None:
    """End what the stages at work have started, until they all have ended."""
    since = time.monotonic()
    while wait(running, timeout=LOOK_SECONDS).not_done:
        children.end(time.monotonic() - since)


def _one_at_a_time(report: Report) -> Report:
    lock = threading.Lock()

    def tell(event: Event) -> None:
        with lock:
            report(event)

    return tell
