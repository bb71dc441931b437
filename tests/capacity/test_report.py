"""The report: everything is in the one file, both languages say it, and a browser shows it without complaint."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from capacity.charts import Line, line_chart
from capacity.failures import NOTHING, Failure, Part
from capacity.growth import Broken, Growth, LimitResult
from capacity.layout import Layout
from capacity.limits import LIMITS
from capacity.load import morning_load, shares_by_count, times
from capacity.parameters import PATHS, Parameters
from capacity.report import Findings, render
from capacity.report_text import ORDER, WORDS, Language, limit_name, words
from capacity.run import Job, simulate
from capacity.verdict import cases, model, worst_cases, write_up
from inventory.model import Cloud
from tests.browser import browser, chromium, seen


@pytest.fixture(scope="module")
def findings(cloud: Cloud) -> Findings:
    """The real figures of the smallest city, and a growth that breaks a limit."""
    small = Cloud(file=cloud.file, cities=(cloud.city("maibara"),))
    one = model(small)
    figures = {
        case: [simulate(Job(one.layout, one.parameters, case, seed)) for seed in (1, 2)]
        for case in cases(one)
    }
    worst = worst_cases(one, figures)
    broken = Broken("sign_in_refused", "normal", "nothing, 30 min peak", 0.2, 0.0)
    limits = (
        LimitResult("session places, data center", 7200.0, 1, "maibara", broken, 14400.0, None),
        LimitResult("city lines", 1e9, None, None, None, None, None),
    )
    growth = Growth(("maibara",), limits, ())
    return Findings(small, one, write_up(small, worst, figures), worst, figures, growth, one.layout)


@pytest.mark.parametrize("language", ORDER)
def test_the_page_needs_nothing_but_itself(findings: Findings, language: str) -> None:
    page = render(findings, "ja" if language == "ja" else "en")
    assert f'<html lang="{language}">' in page
    assert not re.search(r"<script|@import|url\(|src=|href=\"(?!data:)", page)
    assert set(re.findall(r"https?://[^\" ]+", page)) <= {"http://www.w3.org/2000/svg"}


def test_the_verdict_comes_first_and_every_quantity_is_there_with_its_source(findings: Findings) -> None:
    page = render(findings, "ja")
    body = page[page.index("<body>") :]
    assert body.index('class="answer') < body.index("<table>")
    for path in PATHS.values():
        assert f"<td>{path}</td>" in body
    assert body.count("<td>仮定</td>") > 30
    assert "米原市" in body


def test_every_word_is_said_in_both_languages() -> None:
    for key, both in WORDS.items():
        assert len(both) == 2
        assert all(both), key


def test_every_limit_has_a_name_in_both_languages() -> None:
    for limit in LIMITS:
        assert limit_name(limit.name, words("en")) == limit.name
        assert limit_name(limit.name, words("ja")).isascii() is False


def test_names_from_the_declaration_cannot_become_markup() -> None:
    drawn = line_chart("<b>", [Line("<script>", [(0, 0.5), (1, 1.5)])], [(0.5, "<i>")], [(0, "a"), (1, "b")])
    assert not re.search(r"<b>|<script>|<i>", drawn)


def test_a_line_carries_twice_as_much_once_the_other_is_lost(eight: Layout, declared: Parameters) -> None:
    late = times() == times()[-1]
    whole = {load.link: load.share[late][0] for load in morning_load(eight, declared, NOTHING)}
    edge = Failure("edge", (Part("edge", "dc-edge1"),))
    cut = {load.link: load.share[late][0] for load in morning_load(eight, declared, edge)}
    assert cut["c1-line2"] == pytest.approx(2 * whole["c1-line2"])
    assert cut["c1-line1"] == 0
    assert cut["dc-edge2"] == pytest.approx(2 * whole["dc-edge2"])


def test_shares_rise_with_every_city(eight: Layout, declared: Parameters) -> None:
    for shares in shares_by_count(eight, declared).values():
        assert len(shares) == 8
        assert shares == sorted(shares)


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "夜間の複製回線"), ("en", "The night on the replication")]
)
def test_the_night_is_shown_from_the_opening_to_the_end_of_its_window(
    findings: Findings, language: Language, said: str
) -> None:
    page = render(findings, language)
    night = page[page.index(f"<h2>{said}") :].split("<h2>")[1]
    assert night.count("<svg") == 3
    assert night.count(">22:00<") == night.count(">08:00<") == 3
    assert night.count("<polyline") == 3 * 2 * len(findings.model.layout.legs)


@browser
@pytest.mark.parametrize("width", [1280, 390])
def test_chromium_shows_the_page_without_complaint_and_without_scrolling_sideways(
    findings: Findings, tmp_path: Path, width: int
) -> None:
    shown = seen(tmp_path / "report.html", render(findings, "ja"), width, 1000)
    assert shown.window == width
    assert shown.page <= shown.window
    assert shown.font >= 14


@browser
def test_the_page_prints_on_a4(findings: Findings, tmp_path: Path) -> None:
    page, paper = tmp_path / "report.html", tmp_path / "report.pdf"
    page.write_text(render(findings, "en"), encoding="utf-8")
    chromium(page, "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    sizes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", paper.read_bytes())
    assert len(sizes) >= 2
    assert all(abs(float(w) - 595) < 2 and abs(float(h) - 842) < 2 for w, h in sizes)
