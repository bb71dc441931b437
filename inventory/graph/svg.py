"""Shapes as SVG text. Numbers are rounded, so that the same picture is the same text everywhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from inventory.characters import visible

LATIN_WIDTH, WIDE_WIDTH = 0.58, 1.0
"""Of a character, in its size: about right for the sans-serif faces that browsers have."""


class Box(NamedTuple):
    """A rectangle: its left upper corner and size, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.y + self.height

    @property
    def center(self) -> float:
        """The middle between left and right."""
        return self.x + self.width / 2

    @property
    def middle(self) -> float:
        """The middle between top and bottom."""
        return self.y + self.height / 2


def number(value: float) -> str:
    """A coordinate: one decimal at most, and no minus zero."""
    return f"{round(value, 1) + 0.0:g}"


def document(width: float, height: float, title: str, style: str, body: Iterable[str]) -> str:
    """A whole SVG file."""
    size = f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" height="{number(height)}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{escape(visible(title))}</title>",
            f"<style>{style}</style>",
            f'<rect class="paper" width="{number(width)}" height="{number(height)}"/>',
            *body,
            "</svg>\n",
        ]
    )


def group(parts: Iterable[str], tooltip: str = "") -> str:
    """Parts that belong together, with what is shown when the mouse rests on them."""
    title = f"<title>{escape(visible(tooltip))}</title>" if tooltip else ""
    return "\n".join([f"<g>{title}", *parts, "</g>"])


def rectangle(box: Box, kind: str, radius: float = 0, fill: str = "") -> str:
    """A rectangle with round corners."""
    x, y, width, height = map(number, box)
    paint = f' style="fill:{fill}"' if fill else ""
    return (
        f'<rect class={quoteattr(kind)} x="{x}" y="{y}" width="{width}" height="{height}" '
        f'rx="{number(radius)}"{paint}/>'
    )


def text(x: float, y: float, content: str, kind: str, room: float = 0, size: float = 12) -> str:
    """A line of text. If it is wider than ``room`` at ``size``, it is cut and ends in dots."""
    shown = fitted(visible(content), room, size) if room else visible(content)
    return f'<text class={quoteattr(kind)} x="{number(x)}" y="{number(y)}">{escape(shown)}</text>'


def path(commands: str, kind: str, color: str, width: float, tooltip: str = "") -> str:
    """A stroked path."""
    title = f"<title>{escape(visible(tooltip))}</title>" if tooltip else ""
    paint = f"stroke:{color};stroke-width:{number(width)}"
    return f'<path class={quoteattr(kind)} d="{commands}" style="{paint}">{title}</path>'


def dot(x: float, y: float, radius: float, color: str) -> str:
    """A filled circle."""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" style="fill:{color}"/>'


def text_width(content: str, size: float) -> float:
    """About how wide ``content`` is at ``size``."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in content)
    return size * (wide * WIDE_WIDTH + (len(content) - wide) * LATIN_WIDTH)


def fitted(content: str, room: float, size: float) -> str:
    """``content``, or as much of it as there is room for and dots."""
    if text_width(content, size) <= room:
        return content
    while content and text_width(content + "…", size) > room:
        content = content[:-1]
    return content + "…"
