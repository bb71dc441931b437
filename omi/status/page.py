"""The page as tables of words, in one language: what the console and the HTML both show. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from inventory.topology import Topology
from inventory.watching import Watching
from omi.status import findings
from omi.status.facts import Facts
from omi.status.findings import Tone
from omi.status.words import Language, words

ZONE = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True)
class Cell:
    """A text, and how good what it says is; None where it says nothing good or bad."""

    text: str
    tone: Tone | None = None


@dataclass(frozen=True)
class Section:
    """One area: its worst tone, a table, and a sentence beside it."""

    area: str
    title: str
    tone: Tone
    headings: list[str] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class Page:
    """All of it, the answer first."""

    language: Language
    title: str
    tone: Tone
    answer: str
    seen: str
    sections: list[Section]


@dataclass(frozen=True)
class Context:
    """What every section needs to say what it has to say."""

    facts: Facts
    watching: Watching
    titles: dict[str, str]
    """Site's name to what people call it."""
    language: Language
    said: dict[str, str]


def page(facts: Facts, topology: Topology, title: str, language: Language) -> Page:
    """The page on ``facts``. ``title``: what the cloud is called."""
    from omi.status.sections import SECTIONS

    said = words(language)
    titles = {site.name: getattr(site, f"title_{language}") for site in topology.sites}
    context = Context(facts, topology.watching, titles, language, said)
    tones = findings.tones(facts, topology.watching)
    overall = findings.answer(tones)
    answers: dict[Tone, str] = {"good": said["all_good"], "amber": said["only_amber"]}
    return Page(
        language=language,
        title=f"{title} · {said['title']}",
        tone=overall,
        answer=answers.get(overall, said["is_red"]),
        seen=f"{said['seen']} {clock(facts.at)} · {said['declaration']} {facts.digest[:12]}",
        sections=[
            section(context, area, findings.worst(tones[area]), SECTIONS[area]) for area in findings.AREAS
        ],
    )


Table = tuple[list[str], list[list[Cell]], str]
"""Headings, rows, note."""


def section(context: Context, area: str, tone: Tone, table: Callable[[Context], Table]) -> Section:
    """One area of the page."""
    headings, rows, note = table(context)
    return Section(area, context.said[area], tone, headings, rows, note)


def clock(seconds: float) -> str:
    """A moment as people in the council's cities say it."""
    return f"{datetime.datetime.fromtimestamp(seconds, ZONE):%Y-%m-%d %H:%M:%S}"


def length(seconds: float) -> str:
    """A length of time, short."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def size(count: float) -> str:
    """An amount of data, short."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count:.0f} B"
