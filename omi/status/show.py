"""The page on a terminal, and as one HTML file that needs nothing but itself. Pure."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from omi.status.findings import Tone
from omi.status.page import Page, Section

TEMPLATES = Path(__file__).parent / "templates"
STYLES: dict[Tone, str] = {
    "good": "green",
    "untried": "",
    "amber": "yellow",
    "red": "bold red",
    "unknown": "bold magenta",
}
MARKS: dict[Tone, str] = {"good": "●", "untried": "○", "amber": "▲", "red": "■", "unknown": "?"}
"""For who does not see colours."""


def html(page: Page) -> str:
    """The whole page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("status.html.j2").render(page=page, marks=MARKS)


def console(page: Page) -> RenderableType:
    """The whole page for rich."""
    head = Text(f"{MARKS[page.tone]} {page.answer}", style=STYLES[page.tone])
    return Group(
        Text(page.title, style="bold"), head, Text(page.seen, style="dim"), *map(table, page.sections)
    )


def table(section: Section) -> RenderableType:
    """One area."""
    title = Text(f"\n{MARKS[section.tone]} {section.title}", style=STYLES[section.tone])
    parts: list[RenderableType] = [title]
    if section.rows:
        shown = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        for heading in section.headings:
            shown.add_column(heading, overflow="fold")
        for row in section.rows:
            shown.add_row(*(Text(cell.text, style=STYLES[cell.tone] if cell.tone else "") for cell in row))
        parts.append(shown)
    if section.note:
        parts.append(Text(section.note, style="dim"))
    return Group(*parts)
