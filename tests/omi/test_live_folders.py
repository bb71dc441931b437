"""`omi lab test` names the folders that hold live tests: a live test elsewhere would never run."""

from __future__ import annotations

import re
from pathlib import Path

from omi.lab_commands import EVERY_LIVE_TEST, LIVE_FOLDERS

ROOT = Path(__file__).parents[2]
MARK = re.compile(r"pytest\.mark\.(live|load)\b")


def _marked() -> list[tuple[str, set[str]]]:
    """Every file of tests with one of the two marks, and which."""
    found = []
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        marks = set(MARK.findall(file.read_text(encoding="utf-8")))
        if marks and file != Path(__file__):
            found.append((str(file.relative_to(ROOT)), marks))
    return found


def test_every_live_test_lies_in_a_folder_that_is_looked_through() -> None:
    marked = _marked()
    assert len(marked) > 15
    assert [file for file, _ in marked if not file.startswith(tuple(f"{f}/" for f in LIVE_FOLDERS))] == []


def test_every_test_under_load_lies_where_those_are_looked_for() -> None:
    folder = EVERY_LIVE_TEST[1][-1]
    loading = [file for file, marks in _marked() if "load" in marks]
    assert len(loading) >= 5
    assert [file for file in loading if not file.startswith(f"{folder}/")] == []
