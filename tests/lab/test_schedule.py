"""Stages side by side: what may begin, what happens when one fails, and that nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import children
from lab.children import EndedError, due_signal
from lab.commands import dying_with_us, follow
from lab.errors import LabError
from lab.paths import LabPaths
from lab.schedule import combined, misplaced_needs, run_side_by_side, startable
from lab.stage import Detail, Event, Stage, StageResult, wall_seconds
from lab.up import stages as stages_of_up


def stage(name: str, *needs: str, work: Callable[[], None] = lambda: None) -> Stage:
    """A stage that is done once ``work`` has run."""
    done = threading.Event()

    def do(_say: Detail) -> None:
        work()
        done.set()

    return Stage(name, done.is_set, do, needs=needs)


def nothing(_event: Event) -> None:
    """A report that nobody reads."""


@st.composite
def orders(draw: st.DrawFn) -> list[Stage]:
    """Up to eight stages, each of which needs some of those before it."""
    names = [f"stage{number}" for number in range(draw(st.integers(0, 8)))]
    needs = [draw(st.sets(st.sampled_from(names[:i]))) if i else set() for i in range(len(names))]
    return [stage(name, *sorted(of)) for name, of in zip(names, needs, strict=True)]


@settings(deadline=None, max_examples=30)  # threads begin late on a busy machine
@given(orders())
def test_every_stage_runs_once_and_after_all_it_needs(stages: list[Stage]) -> None:
    heard = list[Event]()
    results = run_side_by_side(stages, heard.append)
    assert [result.name for result in results] == [one.name for one in stages]
    moments = [(event.stage, event.kind) for event in heard]
    assert len(moments) == 2 * len(stages)
    for one in stages:
        begin = moments.index((one.name, "begin"))
        assert all(moments.index((need, "end")) < begin for need in one.needs)


def test_only_what_has_all_it_needs_may_begin() -> None:
    stages = [stage("a"), stage("b"), stage("c", "a", "b"), stage("d", "a")]
    assert [one.name for one in startable(stages, begun=(), ended=())] == ["a", "b"]
    assert [one.name for one in startable(stages, begun=("a", "b"), ended=("a",))] == ["d"]
    assert [one.name for one in startable(stages, begun=("a", "b", "d"), ended=("a", "b"))] == ["c"]


def test_stages_that_do_not_need_each_other_overlap() -> None:
    both = threading.Barrier(2)
    stages = [stage("a", work=lambda: meet(both)), stage("b", work=lambda: meet(both))]
    assert len(run_side_by_side(stages, nothing)) == 2


def meet(barrier: threading.Barrier) -> None:
    barrier.wait(timeout=20)


@pytest.mark.parametrize(
    ("stages", "wrong"),
    [
        ([stage("a", "b"), stage("b")], ["a needs b"]),
        ([stage("a", "a")], ["a needs a"]),
        ([stage("a", "x", "y")], ["a needs x", "a needs y"]),
    ],
)
def test_needs_in_no_possible_order_are_refused(stages: list[Stage], wrong: list[str]) -> None:
    assert misplaced_needs(stages) == wrong
    with pytest.raises(ValueError, match=wrong[0]):
        run_side_by_side(stages, nothing)


def test_the_stages_of_up_stand_in_a_possible_order(tmp_path: Path) -> None:
    stages = stages_of_up(LabPaths(tmp_path), [], tmp_path)
    assert misplaced_needs(stages) == []
    long_ones = [one for one in stages if one.name in {"pulumi", "images", "daemon"}]
    assert all({"pulumi", "images", "daemon"}.isdisjoint(one.needs) for one in long_ones)


def test_after_a_failure_nothing_begins_and_what_is_at_work_is_ended(tmp_path: Path) -> None:
    sleeping = threading.Event()

    def sleep() -> None:
        follow(dying_with_us_or_not("sleep", "60"), tmp_path / "log", lambda _line: None)

    def fail() -> None:
        sleeping.wait(timeout=20)
        raise LabError("the archive is gone", "wait")

    heard = list[tuple[str, str, str]]()

    def report(event: Event) -> None:
        heard.append((event.stage, event.kind, event.text))
        if event.stage == "long":
            sleeping.set()

    stages = [stage("long", work=sleep), stage("broken", work=fail), stage("next", "broken")]
    began = time.monotonic()
    with pytest.raises(LabError, match="the archive is gone"):
        run_side_by_side(stages, report)
    assert time.monotonic() - began < 20
    assert not stages[2].is_done()
    assert heard[-2:] == [("broken", "fail", "failed"), ("long", "fail", "ended")]


def dying_with_us_or_not(*command: str) -> list[str]:
    """Namespaces of its own are root's; who is not root ends a command by SIGTERM."""
    return dying_with_us(command) if os.geteuid() == 0 else list(command)


def test_of_several_failures_all_are_told_and_what_was_ended_is_none() -> None:
    first, second = LabError("no archive", "wait"), LabError("no compiler", "install one")
    ended = EndedError("`go` was ended", "see why")
    assert combined([ended, first]) is first
    both = combined([first, ended, second])
    assert str(both) == "no archive; wait\nno compiler; install one"
    mistake = KeyError("x")
    assert combined([first, mistake]) is mistake
    assert combined([ended]) is ended


def test_what_dies_with_us_is_killed_at_once_and_others_are_asked_first() -> None:
    assert due_signal(dying_with_us(["go", "build"]), 0.0) == signal.SIGKILL
    others = {seconds: due_signal(["pulumi", "up"], seconds) for seconds in (0.0, 2.0, 29.0, 30.0)}
    assert others == {0.0: None, 2.0: signal.SIGTERM, 29.0: signal.SIGTERM, 30.0: signal.SIGKILL}


def test_a_program_is_sent_each_signal_once() -> None:
    count = "trap 'echo asked' TERM; echo ready; while :; do sleep 0.1; done"
    with subprocess.Popen(["sh", "-c", count], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(EndedError):
            end_with_patience(process)
        assert process.returncode == -signal.SIGKILL
        assert process.stdout.read() == "asked\n"


def end_with_patience(process: subprocess.Popen[str]) -> None:
    """Ask ``process`` three times, which it hears once and does not obey; then kill it."""
    with children.listed(process, ["sh"]):
        for _ in range(3):
            children.end(children.GRACE_SECONDS)
        time.sleep(0.5)
        children.end(children.TIMEOUT_SECONDS)
        process.wait(timeout=20)


INTERRUPTED = """
import sys
from pathlib import Path
from lab.commands import follow
from lab.schedule import run_side_by_side
from lab.stage import Stage
def sleep(_say):
    follow(["sh", "-c", "echo $$; exec sleep 60"], Path(sys.argv[1]), lambda line: print(line, flush=True))
run_side_by_side([Stage("a", lambda: False, sleep), Stage("b", lambda: False, sleep)], lambda event: None)
"""


def test_an_interrupt_ends_what_is_at_work(tmp_path: Path) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "log")]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], **pipes) as process:
        assert process.stdout is not None
        sleeping = [int(process.stdout.readline()) for _ in range(2)]
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=30)
    assert process.returncode != 0
    assert complaint.rstrip().endswith("KeyboardInterrupt")
    assert not any(Path(f"/proc/{child}").exists() for child in sleeping)


def test_the_time_of_all_is_the_clocks_and_not_the_sum() -> None:
    results = [StageResult("a", 10.0, "changed", began=100.0), StageResult("b", 4.0, "changed", began=103.0)]
    assert wall_seconds(results) == 10.0
    assert wall_seconds([*results, StageResult("c", 1.0, "changed", began=110.5)]) == 11.5
    assert wall_seconds([]) == 0.0
