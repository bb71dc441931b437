"""The story, played with the real client and a real PostgreSQL on this machine: what is killed here is the server."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from lab.errors import LabError
from omi.drill import note, story, writers
from omi.drill.note import Note
from omi.drill.reach import Lab
from omi.drill.story import Drill
from omi.drill.writers import Writer


def well(_lab: Lab, _seconds: float) -> None:
    """All is well."""


def kill_drill(server, log):
    """The server is killed, and started again by the repair."""

    def fault(_lab, _facts):
        log.append("fault")
        server.kill()

    def repair(_lab, facts):
        log.append(f"repair {facts['what']}")
        if server.process is None:
            server.start()

    return Drill("server-kill", lambda _lab, n: {"what": f"server {n}"}, fault, repair)


def test_a_server_that_is_killed_while_a_city_writes(server, here):
    log = []
    konan = [Writer("konan", "konan-pc1", server.database())]
    figures = story.play(here, kill_drill(server, log), konan, 3, well)
    assert log == ["fault", "repair server 3"]
    assert (figures["rows_lost"], figures["rows_doubled"]) == (0, 0)
    assert figures["rows_acknowledged"] > 5
    assert figures["silence"] > 0.2
    assert figures["healthy_again"] >= 0
    assert note.read(here.paths) is None


def test_rows_that_vanish_during_a_drill_are_found_missing(server, here, programs):
    """A restore to an older state, as the worst of repairs: the drill has to see it."""
    konan = [Writer("konan", "konan-pc1", server.database())]
    drill = Drill(
        "thief",
        choose=lambda _lab, _n: {},
        fault=lambda _lab, _facts: None,
        observe=lambda _scene: {"own": float(len(steal(server, programs)))},
        repair=lambda _lab, _facts: None,
    )
    figures = story.play(here, drill, konan, await_healthy=well)
    assert figures["rows_lost"] == 2
    assert figures["own"] == 2
    assert figures["lost_span"] > 0


def steal(server, programs):
    """Delete the two oldest rows; their numbers."""
    import subprocess

    where = server.database()
    words = ["-h", "127.0.0.1", "-p", str(where["port"]), "-U", "konan", "postgres", "-XAtqc"]
    statement = "DELETE FROM drill.row WHERE number IN (1, 2) RETURNING number"
    done = subprocess.run(
        [str(programs / "psql"), *words, statement],
        env={"PGPASSWORD": where["password"]},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_an_interrupt_during_the_fault_is_repaired_and_leaves_the_note_until_all_is_well(server, here):
    log = []

    def interrupted(_scene):
        assert note.read(here.paths).facts == {"what": "server 0"}
        raise KeyboardInterrupt

    drill = replace(kill_drill(server, log), observe=interrupted)
    with pytest.raises(KeyboardInterrupt):
        story.play(here, drill, [Writer("konan", "konan-pc1", server.database())], await_healthy=well)
    assert log == ["fault", "repair server 0"]
    assert note.read(here.paths).drill == "server-kill"
    assert story.put_right(here, [drill], well) == "server-kill"
    assert log[-1] == "repair server 0"
    assert note.read(here.paths) is None


def test_the_note_is_there_before_the_fault(here):
    def fault(lab, _facts):
        assert note.read(lab.paths) is not None
        raise LabError("half way", "try again")

    log = []
    drill = Drill("half", lambda _l, _n: {}, fault, lambda _l, _f: log.append("repair"))
    with pytest.raises(LabError, match="half way"), story.in_effect(here, drill, {"a": "b"}):
        pytest.fail("the body runs although the fault failed")
    assert log == ["repair"]


def test_what_has_to_be_under_way_begins_before_the_fault_and_ends_before_the_repair(here):
    log = []

    @contextmanager
    def before(_lab, _facts):
        log.append("people come")
        yield "people"
        log.append("people leave")

    drill = Drill(
        "party", lambda _l, _n: {}, lambda _l, _f: log.append("fault"), lambda _l, _f: log.append("repair")
    )
    with story.in_effect(here, replace(drill, before=before), {}) as (_, stage):
        log.append(stage)
    assert log == ["people come", "fault", "people", "people leave", "repair"]


def test_where_nobody_can_come_there_is_no_fault_but_a_repair(here):
    log = []

    @contextmanager
    def before(_lab, _facts):
        if not log:
            raise LabError("no desktop", "try again")
        yield

    def fault(_lab, _facts):
        pytest.fail("broken although nobody was there")

    drill = Drill("party", lambda _l, _n: {}, fault, lambda _l, _f: log.append("repair"), before=before)
    with pytest.raises(LabError, match="no desktop"), story.in_effect(here, drill, {}):
        pytest.fail("the body runs although nobody came")
    assert log == ["repair"]


def test_what_an_unknown_drill_left_is_not_passed_over(here):
    note.write(here.paths, Note(drill="flood", facts={"host": "dc-db1"}, since="2026-01-01T00:00:00+00:00"))
    with pytest.raises(LabError, match="flood"):
        story.put_right(here, [], well)
    assert note.read(here.paths) is not None


def test_a_note_that_cannot_be_read_stops_everything(here):
    here.paths.run.mkdir(parents=True)
    note.place(here.paths).write_text("{")
    with pytest.raises(LabError, match="cannot be read"):
        story.put_right(here, [], well)


def test_nothing_is_broken_where_a_city_cannot_write(server, here, monkeypatch):
    monkeypatch.setattr(writers.Writers, "warm_up", lambda self: warm(self))
    log = []

    def warm(at_work):
        server.kill()
        time.sleep(0.2)
        if not at_work.await_all(time.monotonic(), 1):
            raise LabError("these cities cannot write", "see")

    with pytest.raises(LabError, match="cannot write"):
        story.play(
            here, kill_drill(server, log), [Writer("konan", "x", server.database())], await_healthy=well
        )
    assert log == []
    assert note.read(here.paths) is None
