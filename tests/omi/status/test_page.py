"""The page: the answer first, silence is not green, both languages, nothing from outside, no complaint of a browser.

After a change that is meant: ``GOLDEN=write pytest tests/omi/status/test_page.py``, then read the difference.
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest
from rich.console import Console

from inventory.alerts import ALERTS
from inventory.model import Cloud
from inventory.topology import Topology
from inventory.verdict import LevelVerdict, Verdict
from omi.status import findings, gather, show
from omi.status.facts import Certificate, Database, Desk, Facts, Firing, Rehearsal, Store
from omi.status.page import page
from omi.status.prometheus import Answer
from omi.status.words import WORDS, Language
from tests.browser import browser, seen

GOLDEN = Path(__file__).parent / "golden"
NOW = 1_795_700_000.0
DAY = 86400.0


def silent(cloud: Cloud, topology: Topology) -> Facts:
    """No monitor answers."""
    answers = {name: Answer([], {}, "No route to host") for name in ("dc-monitor1", "bc-monitor1")}
    return gather.facts(cloud, topology, answers, {}, None, NOW)


def verdict(topology: Topology) -> Verdict:
    """One that was passed."""
    level = LevelVerdict(
        level="sign_in_p95",
        regime="normal",
        unit="s",
        limit=60,
        figure=44.2,
        low=44,
        high=44.4,
        margin=26,
        worst_case="nothing, 5 min peak",
        runs=30,
        passed=True,
    )
    return Verdict(
        digest=topology.digest, cities=("konan",), passed=True, cases=1, runs=30, levels=(level,), hinges=()
    )


def well(cloud: Cloud, topology: Topology) -> Facts:
    """All is well."""
    facts = silent(cloud, topology)
    return facts.model_copy(
        update={
            "monitors": tuple(
                one.model_copy(update={"problem": None, "judges": True}) for one in facts.monitors
            ),
            "alerts": (),
            "places": tuple(one.model_copy(update={"missing": ()}) for one in facts.places),
            "lines": tuple(one.model_copy(update={"up": True, "downs": 0}) for one in facts.lines),
            "databases": (
                Database(host="dc-db1", role="primary", behind=None),
                Database(host="dc-db2", role="second node", behind=0),
                Database(host="bc-db1", role="standby leader", behind=2_400_000),
            ),
            "stores": tuple(
                Store(host=one.host, green=True, reasons=(), checked=NOW - 200) for one in facts.stores
            ),
            "desktops": facts.desktops.model_copy(
                update={
                    "desks": tuple(
                        Desk(host=one.host, state="takes people", sessions=14, places=30)
                        for one in facts.desktops.desks
                    )
                }
            ),
            "certificates": (Certificate(host="dc-db1", name="db", ends=NOW + 80 * DAY),),
            "rehearsals": tuple(
                Rehearsal(
                    **one.model_dump(exclude={"played", "kept", "here", "this_declaration", "figures"}),
                    played="2026-11-26T12:00:00+09:00",
                    kept=True,
                    here=True,
                    this_declaration=True,
                    figures={"silence": (0.412, 3.0), "rows_lost": (0.0, 0.0)},
                )
                for one in facts.rehearsals
            ),
            "verdict": verdict(topology),
        }
    )


def fresh(cloud: Cloud, topology: Topology) -> Facts:
    """All is well on a lab that was just made: its drills were run elsewhere, one of them without success."""
    facts = well(cloud, topology)
    elsewhere = tuple(
        one.model_copy(update={"here": False, "this_declaration": False, "kept": one.drill != "db-kill"})
        for one in facts.rehearsals
    )
    return facts.model_copy(update={"rehearsals": elsewhere})


def broken(cloud: Cloud, topology: Topology) -> Facts:
    """Every alert fires, and everything has a bad side."""
    facts = well(cloud, topology)
    every = tuple(
        Firing(name=one.name, severity=one.severity, about=("dc-db1", "<b>"), since=NOW - 90)
        for one in ALERTS
        if one.name != "Watchdog"
    )
    lines = (facts.lines[0].model_copy(update={"up": False, "downs": 7}), *facts.lines[1:])
    return facts.model_copy(
        update={
            "alerts": every,
            "lines": lines,
            "places": (
                facts.places[0].model_copy(update={"missing": ("dc-app1", "dc-print1")}),
                facts.places[1],
            ),
            "databases": (Database(host="dc-db1", role="stopped", behind=None), *facts.databases[1:]),
            "stores": (Store(host="bc-store1", green=False, reasons=("verify", "gap"), checked=NOW - 20),),
            "certificates": (Certificate(host="dc-db1", name="db", ends=NOW + 2 * DAY),),
        }
    )


CASES = {"silent": silent, "well": well, "fresh": fresh, "broken": broken}


def html(case: str, cloud: Cloud, topology: Topology, language: Language) -> str:
    """The page of a case."""
    return show.html(
        page(CASES[case](cloud, topology), topology, getattr(cloud.file.title, language), language)
    )


def told(case: str, cloud: Cloud, topology: Topology, language: Language) -> str:
    """What a terminal of 160 columns shows; what every newcomer to the declaration would change is left out."""
    whole = CASES[case](cloud, topology)
    few = {
        "digest": "0" * 64,
        "places": tuple(one.model_copy(update={"hosts": 10}) for one in whole.places),
        "rehearsals": tuple(one for one in whole.rehearsals if one.drill in ("line-cut", "db-kill")),
    }
    facts = whole.model_copy(update=few)
    out = io.StringIO()
    shown = page(facts, topology, getattr(cloud.file.title, language), language)
    Console(file=out, width=160).print(show.console(shown))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_terminal_shows_what_was_reviewed(
    cloud: Cloud, topology: Topology, case: str, language: Language
) -> None:
    file = GOLDEN / f"{case}.{language}.txt"
    shown = told(case, cloud, topology, language)
    if os.environ.get("GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown)
    assert shown == file.read_text()


def test_silence_is_not_green(cloud: Cloud, topology: Topology) -> None:
    facts = silent(cloud, topology)
    assert findings.is_red(facts, topology.watching)
    tones = {area: findings.worst(found) for area, found in findings.tones(facts, topology.watching).items()}
    assert "good" not in tones.values()


@pytest.mark.parametrize(
    ("case", "red"), [("well", False), ("fresh", False), ("broken", True), ("silent", True)]
)
def test_only_what_is_well_ends_with_0(cloud: Cloud, topology: Topology, case: str, red: bool) -> None:
    assert findings.is_red(CASES[case](cloud, topology), topology.watching) is red


@pytest.mark.parametrize("area", [area for area in findings.AREAS if area != "drills"])
def test_one_red_area_makes_the_page_red(cloud: Cloud, topology: Topology, area: str) -> None:
    good, bad = well(cloud, topology), silent(cloud, topology)
    field = {"sites": "places", "backups": "stores"}.get(area, area)
    mixed = good.model_copy(update={field: getattr(bad, field)})
    assert findings.is_red(mixed, topology.watching)
    assert page(mixed, topology, "x", "en").tone in ("red", "unknown")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_needs_nothing_but_itself(cloud: Cloud, topology: Topology, language: Language) -> None:
    shown = html("broken", cloud, topology, language)
    assert f'<html lang="{language}">' in shown
    assert not re.search(r"<script|@import|url\(|src=|href=\"(?!data:|#)|https?://", shown)
    assert "dc-db1 &lt;b&gt;" in shown, "what a label says cannot become markup"
    assert "<b>" not in shown


def test_the_answer_comes_first(cloud: Cloud, topology: Topology) -> None:
    body = html("broken", cloud, topology, "ja").partition("<body>")[2]
    assert body.index('class="answer red"') < body.index("<table")
    assert "湖南市" in body


def test_every_word_is_said_in_both_languages() -> None:
    for key, (english, japanese) in WORDS.items():
        assert english, key
        assert japanese, key
        assert english.count("{}") == japanese.count("{}"), key


@browser
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    ("case", "language"), [("broken", "ja"), ("broken", "en"), ("silent", "ja"), ("well", "en")]
)
def test_a_browser_shows_it_without_complaint(
    cloud: Cloud, topology: Topology, tmp_path: Path, case: str, language: Language, width: int
) -> None:
    image = tmp_path / "status.png"
    shown = seen(
        tmp_path / "status.html",
        html(case, cloud, topology, language),
        *(width, 900),
        *("--virtual-time-budget=2000", f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={image}"),
    )
    assert image.stat().st_size > 10_000
    assert shown.window == width
    assert shown.page <= width, "the page is wider than the window"
    assert shown.font >= 12


@pytest.mark.parametrize(
    ("lost", "drained", "state"),
    [
        (0, 0, "takes people"),
        (0, 1, "drained"),
        (1, 0, "lost"),
        (1, None, "lost"),
        (None, 0, None),
        (0, None, None),
    ],
)
def test_a_session_host_is_as_the_brokers_say(
    lost: float | None, drained: float | None, state: str | None
) -> None:
    assert gather.desk_state(lost, drained) == state
