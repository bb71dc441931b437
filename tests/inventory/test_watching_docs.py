"""The table of alerts in docs/watching.md and its Japanese twin is the one in the code.

After a change that is meant: ``GOLDEN=write pytest tests/inventory/test_watching_docs.py``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest

from inventory.alerts import ALERTS
from inventory.load import load

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "test_watching_docs.py -->\n", "<!-- end -->"
Language = Literal["en", "ja"]
HEADINGS = {
    "en": ("alert", "means", "what to do", "drill"),
    "ja": ("警報", "意味", "対応", "訓練"),
}
FILES: list[tuple[str, Language]] = [("watching.md", "en"), ("watching.ja.md", "ja")]


def rows(language: Language) -> list[tuple[str, ...]]:
    """The table's rows, its headings first."""
    played: dict[str, list[str]] = {}
    for drill in load().file.drills:
        played.setdefault(drill.alert or "", []).append(f"`{drill.name}`")
    return [
        HEADINGS[language],
        ("---",) * 4,
        *(
            (
                f"`{alert.name}` ({alert.severity})",
                getattr(alert.advice.meaning, language),
                getattr(alert.advice.action, language),
                ", ".join(played.get(alert.name, [])),
            )
            for alert in ALERTS
        ),
    ]


def table(language: Language) -> str:
    """In Markdown."""
    return "".join(f"| {' | '.join(row)} |\n" for row in rows(language))


@pytest.mark.parametrize(("name", "language"), FILES)
def test_the_page_names_every_alert(name: str, language: Language) -> None:
    page = (DOCS / name).read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    expected = before + BEGIN + table(language) + END + after
    if os.environ.get("GOLDEN") == "write":
        (DOCS / name).write_text(expected)
        page = expected
    assert page == expected


def test_every_word_is_said_in_both_languages() -> None:
    for alert in ALERTS:
        for words in alert.advice:
            assert words.en.isascii()
            assert words.en.endswith(".")
            assert not words.ja.isascii()
            assert words.ja.endswith("。")
            assert "|" not in words.en + words.ja
