"""`omi drill` from outside, where no lab is needed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lab.errors import LabError
from lab.paths import LabPaths
from omi.cli import app
from omi.drill import rehearsal
from omi.drill.drills import DRILLS

ROOT = os.geteuid() == 0


def omi(*words, **environment):
    """Run `omi` with these words."""
    return CliRunner().invoke(app, words, prog_name="omi", env=environment)


def test_every_drill_is_a_word_that_says_what_it_breaks():
    said = omi("drill", "--help").stdout
    assert all(name in said for name in DRILLS)
    assert "kill -9 of the primary database" in said


def test_the_list_shows_every_limit_in_both_languages():
    result = omi("drill", "list")
    assert result.exit_code == 0
    assert all(name in result.stdout for name in DRILLS)
    assert "データセンターの喪失" in result.stdout
    assert "until all are served again: 45.00 s" in result.stdout
    assert "not built yet" not in result.stdout


def test_a_drill_that_there_is_not_is_wrong_input():
    assert omi("drill", "flood").exit_code == 2
    with pytest.raises(
        rehearsal.UnknownDrillError, match=r"no drill 'flood'; there are: .*line-cut, "
    ) as error:
        rehearsal.chosen(["line-cut", "flood"])
    assert error.value.exit_code == 2


@pytest.mark.skipif(not ROOT, reason="who is not root is refused before")
def test_without_a_running_lab_nothing_is_broken_and_it_says_what_to_do():
    with tempfile.TemporaryDirectory(prefix="omi") as folder:  # a short name: sockets live there
        nowhere = Path(folder) / "lab"
        result = omi("drill", "db-kill", OMI_LAB_DIR=str(nowhere))
        assert not nowhere.exists()
    assert result.exit_code == 3
    assert "run `omi lab up`" in result.stderr


def test_two_runs_do_not_break_one_lab(tmp_path: Path):
    paths = LabPaths(tmp_path / "lab")
    with rehearsal.alone(paths), pytest.raises(LabError, match="another run"), rehearsal.alone(paths):
        pytest.fail("both got the lab")
    with rehearsal.alone(paths):
        pass
