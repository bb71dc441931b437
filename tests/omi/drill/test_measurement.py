"""What is kept of a drill, how it is judged, and how it is told."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from inventory.load import load
from inventory.plan import plan
from inventory.problem import InvalidDeclarationError
from omi.drill import databases, measurement, report, runbooks
from omi.drill.drills import DRILLS
from omi.drill.measurement import Machine, Repetition, spread
from omi.drill.objectives import judge, largest, objective_of

GOLDEN = Path(__file__).parent / "golden"
FILE = load().file
MACHINE = Machine(processor="a processor", cores=2, memory_bytes=24 << 30)
LAB = "0123456789abcdef"
FIRST = {
    "alerted": 22.0,
    "silence": 0.62,
    "rto": 0.0,
    "rows_lost": 0.0,
    "rows_doubled": 0.0,
    "rows_acknowledged": 1915.0,
}
WORSE = FIRST | {"silence": 3.5, "rto": None, "rows_lost": 2.0}


def done(*repetitions):
    objective = objective_of(FILE, "line-cut")
    played = [
        Repetition(
            at=f"2026-04-0{n}T10:00:00+00:00",
            figures=figures,
            kept=all(o.kept for o in judge(objective, figures)),
        )
        for n, figures in enumerate(repetitions, 1)
    ]
    return measurement.measurement(
        "line-cut", judge(objective, {}), played, MACHINE, "0123456789ab", "f" * 64, LAB
    )


def test_every_drill_has_an_objective_and_every_objective_a_drill():
    assert {drill.name for drill in FILE.drills} == set(DRILLS)


def test_a_drill_without_an_objective_is_refused():
    with pytest.raises(InvalidDeclarationError, match="no objective for 'flood'"):
        objective_of(FILE, "flood")


def test_each_limit_is_judged_by_its_own_figure():
    objective = objective_of(FILE, "line-cut")
    assert all(one.kept for one in judge(objective, FIRST))
    assert {one.figure for one in judge(objective, WORSE) if not one.kept} == {"silence", "rto", "rows_lost"}


def test_what_was_not_measured_is_not_kept():
    assert not any(one.kept for one in judge(objective_of(FILE, "line-cut"), {}))


@pytest.mark.parametrize(("values", "most"), [([1.0, 3.0, 2.0], 3.0), ([1.0, None], None), ([0.0], 0.0)])
def test_what_never_ended_is_the_largest(values, most):
    assert largest(values) == most
    assert spread(values).most == most


def test_of_repetitions_least_median_and_most_are_kept():
    assert spread([3.0, 1.0, 10.0]).model_dump() == {"least": 1.0, "median": 3.0, "most": 10.0}
    assert spread([3.0, None]).model_dump() == {"least": 3.0, "median": None, "most": None}


def test_what_is_written_is_what_is_read(tmp_path):
    measurement.write(tmp_path, done(FIRST, WORSE))
    assert measurement.read(tmp_path, "line-cut") == done(FIRST, WORSE)
    assert measurement.read(tmp_path, "db-kill") is None
    measurement.file_of(tmp_path, "db-kill").write_text("{}")
    assert measurement.read(tmp_path, "db-kill") is None


def test_one_repetition_that_misses_makes_the_drill_miss():
    assert done(FIRST).kept
    assert not done(FIRST, WORSE, FIRST).kept


def test_the_machine_and_the_commit_are_told(tmp_path):
    machine = measurement.this_machine()
    assert machine.processor
    assert machine.cores >= 1
    assert machine.memory_bytes > 1 << 28
    assert measurement.this_commit(tmp_path) == "unknown"
    assert len(measurement.this_commit(Path(__file__).parent).rstrip("+")) == 12


def shown(table):
    console = Console(width=180, file=io.StringIO(), highlight=False)
    console.print(table)
    return console.file.getvalue()


def golden(name, text):
    """Compare with the golden file; GOLDEN=write writes it anew, to be reviewed."""
    file = GOLDEN / name
    text = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text)
    assert text == file.read_text()


def test_one_playing_as_a_table():
    objective = objective_of(FILE, "line-cut")
    golden("played.txt", shown(report.result("line-cut", judge(objective, WORSE), WORSE)))


def test_all_drills_as_a_table():
    golden("overview.txt", shown(report.overview([done(FIRST, WORSE), done(FIRST)])))


PAGE = """# A page
<!-- figures of the last drill: line-cut -->
what was there before
<!-- end of the figures -->
and what stays
"""


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_page_gets_the_figures_of_the_last_drill_and_nothing_else_changes(language, tmp_path):
    measurement.write(tmp_path, done(FIRST, WORSE))
    text = runbooks.with_figures(PAGE, tmp_path, language, FILE)
    golden(f"page.{language}.md", text)
    assert text.startswith("# A page\n")
    assert text.endswith("and what stays\n")
    assert runbooks.with_figures(text, tmp_path, language, FILE) == text


def test_a_page_says_so_where_no_drill_has_been_run(tmp_path):
    assert "No drill has been run yet" in runbooks.with_figures(PAGE, tmp_path, "en", FILE)


def test_only_pages_that_change_are_written(tmp_path):
    pages, figures = tmp_path / "pages", tmp_path / "figures"
    pages.mkdir()
    (pages / "a.md").write_text(PAGE)
    (pages / "a.ja.md").write_text(PAGE)
    (pages / "other.md").write_text("# Nothing to see\n")
    measurement.write(figures, done(FIRST))
    assert [page.name for page in runbooks.refresh(pages, figures, FILE)] == ["a.ja.md", "a.md"]
    assert list(runbooks.refresh(pages, figures, FILE)) == []


def test_the_runbooks_name_drills_that_there_are_and_each_page_has_its_other_language():
    pages = Path(__file__).parents[3] / "docs" / "runbooks"
    named = {
        (page.name, drill)
        for page in pages.glob("*.md")
        for drill in runbooks.BLOCK.findall(page.read_text())
    }
    assert {drill for _, drill in named} <= set(DRILLS)
    for name in ("failover-to-backup-center", "failback-to-data-center", "restore-city"):
        assert {f"{name}.md", f"{name}.ja.md"} <= {page for page, _ in named}


def test_a_city_writes_as_its_own_owner_through_any_proxy():
    topology = plan(load())
    first, *others = databases.writers(topology, "00" * 32)
    assert len(others) == len(topology.cities) - 1
    assert first.host == f"{first.city}-pc1"
    assert first.database["user"] == first.database["dbname"] == f"{first.city}_resident_records"
    assert first.database["host"] == "dc-proxy1,dc-proxy2,bc-proxy1"
    assert first.database["sslmode"] == "verify-full"
    assert len({one.database["password"] for one in (first, *others)}) == len(topology.cities)
