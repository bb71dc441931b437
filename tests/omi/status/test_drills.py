"""Drills on the page: a record tells of the lab that it was made on, and of no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.model import Cloud
from inventory.topology import Topology
from omi.checkout import CHECKOUT
from omi.drill import measurement
from omi.drill.measurement import Machine, Measurement, Repetition
from omi.drill.objectives import judge, objective_of
from omi.status import findings, gather
from omi.status.facts import Facts, Rehearsal
from omi.status.page import page
from omi.status.words import Language
from tests.omi.status.test_page import NOW, well

HERE, ELSEWHERE = "0123456789abcdef", "fedcba9876543210"
DRILL = "line-cut"
GOOD = {"silence": 0.6, "rto": 0.0, "rows_lost": 0.0, "rows_doubled": 0.0, "alerted": 20.0}
BAD = GOOD | {"rows_lost": 3.0}


def record(cloud: Cloud, figures: dict[str, float], lab: str, digest: str) -> Measurement:
    """What a drill leaves behind."""
    judged = judge(objective_of(cloud.file, DRILL), figures)
    played = Repetition(
        at="2026-11-26T12:00:00+09:00", figures=dict(figures), kept=all(one.kept for one in judged)
    )
    machine = Machine(processor="a processor", cores=2, memory_bytes=24 << 30)
    return measurement.measurement(DRILL, judged, [played], machine, "0123456789ab", digest, lab)


def healthy(
    cloud: Cloud, topology: Topology, drills: dict[str, Measurement], lab: str | None = HERE
) -> Facts:
    """A healthy lab with these records."""
    seen = gather.facts(cloud, topology, {}, drills, None, NOW, lab)
    return well(cloud, topology).model_copy(update={"rehearsals": seen.rehearsals})


def one(facts: Facts) -> Rehearsal:
    """The drill that these tests are about."""
    return next(each for each in facts.rehearsals if each.drill == DRILL)


def shown(facts: Facts, topology: Topology, language: Language = "en") -> list[str]:
    """The drill's row on the page."""
    whole = page(facts, topology, "x", language)
    (drills,) = [section for section in whole.sections if section.area == "drills"]
    return next([cell.text for cell in row] for row in drills.rows if DRILL in row[0].text)


def test_the_records_that_come_with_the_repository_alarm_nobody_on_a_new_lab(
    cloud: Cloud, topology: Topology
) -> None:
    records = gather.last_drills(cloud, CHECKOUT / "measurements")
    assert records, "there are some"
    facts = healthy(cloud, topology, records)
    assert not any(each.here for each in facts.rehearsals)
    assert not findings.is_red(facts, topology.watching)
    for language in ("en", "ja"):
        whole = page(facts, topology, "x", language)
        assert whole.tone == "good"
        (drills,) = [section for section in whole.sections if section.area == "drills"]
        assert drills.tone == "untried"
        assert f"{len(facts.rehearsals)}" in drills.note


@pytest.mark.parametrize("figures", [GOOD, BAD])
def test_a_drill_that_was_run_elsewhere_is_shown_with_its_figures_and_as_not_run_here(
    cloud: Cloud, topology: Topology, figures: dict[str, float]
) -> None:
    facts = healthy(cloud, topology, {DRILL: record(cloud, figures, ELSEWHERE, topology.digest)})
    assert findings.of_rehearsal(one(facts)) == "untried"
    went = ("kept", "達成") if figures is GOOD else ("missed", "未達")
    _, at, state, values = shown(facts, topology)
    assert (at, state) == ("2026-11-26 12:00", f"not run here yet ({went[0]} elsewhere)")
    assert f"rows lost {figures['rows_lost']:.4g} (0)" in values
    assert shown(facts, topology, "ja")[2] == f"この環境では未実施（他の環境では{went[1]}）"


def test_a_record_of_before_labs_had_an_identity_is_of_elsewhere(cloud: Cloud, topology: Topology) -> None:
    old = record(cloud, BAD, HERE, topology.digest).model_copy(update={"lab": None})
    for lab in (HERE, None):
        assert not one(healthy(cloud, topology, {DRILL: old}, lab)).here


def test_a_drill_that_nobody_has_run_needs_nobody_at_once(cloud: Cloud, topology: Topology) -> None:
    facts = healthy(cloud, topology, {})
    assert page(facts, topology, "x", "en").tone == "good"
    assert shown(facts, topology)[1:] == ["never", "not run here yet", ""]
    assert shown(facts, topology, "ja")[2] == "この環境では未実施"


def test_a_drill_that_was_run_here_and_missed_is_an_alarm(cloud: Cloud, topology: Topology) -> None:
    for digest in (topology.digest, "f" * 64):
        facts = healthy(cloud, topology, {DRILL: record(cloud, BAD, HERE, digest)})
        assert findings.is_red(facts, topology.watching)
        whole = page(facts, topology, "x", "en")
        assert (whole.tone, whole.answer) == ("red", "Something needs you now")
        assert shown(facts, topology)[2] == "missed"


def test_a_drill_that_was_run_here_is_due_again_once_the_declaration_has_changed(
    cloud: Cloud, topology: Topology
) -> None:
    facts = healthy(cloud, topology, {DRILL: record(cloud, GOOD, HERE, "f" * 64)})
    assert findings.of_rehearsal(one(facts)) == "amber"
    assert page(facts, topology, "x", "en").answer == "It can wait until the morning"
    assert shown(facts, topology)[2] == "kept, before the declaration changed"
    assert shown(facts, topology, "ja")[2] == "達成（構成変更前）"


def test_a_drill_that_was_run_here_and_kept_is_well(cloud: Cloud, topology: Topology) -> None:
    facts = healthy(cloud, topology, {DRILL: record(cloud, GOOD, HERE, topology.digest)})
    assert findings.of_rehearsal(one(facts)) == "good"
    assert shown(facts, topology)[2] == "kept"


def test_which_lab_it_was_is_kept_with_the_figures(cloud: Cloud, topology: Topology, tmp_path: Path) -> None:
    done = record(cloud, GOOD, HERE, topology.digest)
    measurement.write(tmp_path, done)
    assert gather.last_drills(cloud, tmp_path) == {DRILL: done}
