"""Charts as SVG text: no script, no network, sharp on paper."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

COLOURS = ("#0b6e99", "#b3541e", "#4f7f2f", "#7a3e9d", "#8a6d00", "#b0224f", "#33691e", "#37474f")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 240, 44, 28, 12, 30


class Line(NamedTuple):
    """A curve: its name and its points (x, y)."""

    name: str
    points: Sequence[tuple[float, float]]


def line_chart(
    title: str, lines: Sequence[Line], marks: Sequence[tuple[float, str]], ticks: Sequence[tuple[float, str]]
) -> str:
    """Curves of shares against x, a line at 100%, and ``marks``: names of single x values. ``ticks`` label
    the x axis.
    """
    highest = max([1.0, *(y for line in lines for _, y in line.points)]) * 1.05
    low, high = ticks[0][0], ticks[-1][0]

    def x_of(x: float) -> float:
        return LEFT + (x - low) / ((high - low) or 1) * (WIDTH - LEFT - RIGHT)

    def y_of(y: float) -> float:
        return HEIGHT - BOTTOM - y / highest * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}" '
        'xmlns="http://www.w3.org/2000/svg">',
        *(axis_label(x_of(x), HEIGHT - 10, label) for x, label in ticks),
        *(axis_label(LEFT - 18, y_of(share) + 4, f"{share:.0%}") for share in (0.0, 0.5, 1.0)),
        rule(LEFT, y_of(0), WIDTH - RIGHT, y_of(0), "#555"),
        rule(LEFT, y_of(1), WIDTH - RIGHT, y_of(1), "#c62828", "6 4"),
    ]
    for number, line in enumerate(lines):
        points = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in line.points)
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}">')
        parts.append(f"<title>{escape(line.name)}</title></polyline>")
    for x, name in marks:
        parts.append(rule(x_of(x), TOP, x_of(x), HEIGHT - BOTTOM, "#c62828", "2 3"))
        parts.append(f'<text x="{x_of(x) + 3:.1f}" y="{TOP + 10}" font-size="11">{escape(name)}</text>')
    return "".join([*parts, "</svg>"])


def rule(x1: float, y1: float, x2: float, y2: float, colour: str, dashes: str = "") -> str:
    """A straight line."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{dashed}/>'


def axis_label(x: float, y: float, label: str) -> str:
    """A number or time on an axis."""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" text-anchor="middle">{escape(label)}</text>'


def legend(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """Name and colour of each curve."""
    return [(line.name, COLOURS[number % len(COLOURS)]) for number, line in enumerate(lines)]
