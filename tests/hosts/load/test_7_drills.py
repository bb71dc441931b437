"""The quickest drills, as `omi drill` plays them: every acknowledged row is looked for. The others: `make drill`."""

from __future__ import annotations

import pytest

from omi.drill import note, rehearsal, report

pytestmark = [pytest.mark.live, pytest.mark.load]

QUICK = ("line-cut", "db-kill", "disk-full")


@pytest.mark.parametrize("name", QUICK)
def test_a_drill_meets_its_objectives_and_leaves_the_lab_healthy(name, lab, tmp_path):
    played = []
    (done,) = rehearsal.rehearse(lab, rehearsal.chosen([name]), 1, tmp_path, played.append)
    (only,) = played
    missed = {one.figure: report.figure(one.figure, one.measured) for one in only.judged if not one.kept}
    assert missed == {}
    assert only.figures["rows_acknowledged"] > 0
    assert done.digest == lab.topology.digest
    assert note.read(lab.paths) is None
