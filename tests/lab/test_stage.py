"""Stages: done once, looked at again, and told of as they happen."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from lab.errors import LabError
from lab.progress import AtWork, ConsoleReport, lines
from lab.stage import Detail, Event, Stage, run_stages


class Thing:
    """Something a stage gets done, or fails to."""

    def __init__(self, *, works: bool = True) -> None:
        self.done = False
        self.works = works
        self.times = 0

    def do(self, say: Detail) -> None:
        self.times += 1
        say("at it")
        self.done = self.works

    def stage(self, name: str) -> Stage:
        return Stage(name, lambda: self.done, self.do)


def test_a_second_run_changes_nothing() -> None:
    thing, heard = Thing(), list[Event]()
    first = run_stages([thing.stage("pool")], heard.append)
    second = run_stages([thing.stage("pool")], heard.append)
    assert [result.outcome for result in (*first, *second)] == ["changed", "unchanged"]
    assert thing.times == 1
    assert [(event.kind, event.text) for event in heard] == [
        ("begin", ""),
        ("detail", "at it"),
        ("end", "changed"),
        ("begin", ""),
        ("end", "unchanged"),
    ]


def test_a_stage_that_believes_it_is_done_and_is_not_stops_the_rest() -> None:
    broken, next_one, heard = Thing(works=False), Thing(), list[Event]()
    with pytest.raises(LabError, match="'pool' was run and is not done"):
        run_stages([broken.stage("pool"), next_one.stage("keys")], heard.append)
    assert next_one.times == 0
    assert heard[-1].kind == "fail"


@pytest.mark.parametrize("terminal", [True, False])
def test_people_see_a_line_for_each_stage_and_no_colour_in_a_pipe(
    terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=100)
    with ConsoleReport(console) as report:
        run_stages([Thing().stage("pool")], report)
    assert "pool" in written.getvalue()
    assert "changed" in written.getvalue()
    assert ("\x1b" in written.getvalue()) == terminal


def test_a_terminal_shows_every_stage_at_work_on_a_line_of_its_own() -> None:
    at_work = {"pulumi": AtWork(100.0, "1 of 900 packages compiled"), "images": AtWork(130.4)}
    assert lines(at_work, now=160.0) == [
        "pulumi           60 s  1 of 900 packages compiled",
        "images           30 s",
    ]


def test_a_log_hears_every_so_often_what_is_at_work_and_nothing_of_it_afterwards() -> None:
    written = io.StringIO()
    with ConsoleReport(Console(file=written, width=40), seconds=0.02) as report:
        report(Event("pulumi", "begin"))
        report(Event("images", "begin"))
        report(Event("images", "detail", "desktop: [packing]"))
        wait_for(written, "desktop: [packing]")
        report(Event("images", "end", "changed", 1.0))
        report(Event("pulumi", "fail", "failed", 2.0))
    shown = written.getvalue()
    assert "\n  pulumi            0 s\n  images            0 s  desktop: [packing]\n" in f"\n{shown}"
    assert shown.splitlines()[-2:] == [
        "images         changed        1.0 s",
        "pulumi         failed         2.0 s",
    ]


def wait_for(written: io.StringIO, text: str) -> None:
    deadline = time.monotonic() + 20
    while text not in written.getvalue() and time.monotonic() < deadline:
        time.sleep(0.01)
