"""Results as people read them on a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from capacity.availability import Availability
from capacity.growth import Growth, LimitResult
from capacity.limits import LIMITS
from capacity.screening import Screened
from capacity.verdict import Worst, level_verdict
from inventory.verdict import Hinge, LevelVerdict, Verdict

MOST_HINGES = 12
WIDE = 160


def verdict(result: Verdict, written: Path) -> None:
    """The promises, the failures in which they fare worst, and the quantities on which it all hinges."""
    console = wide_console()
    table = Table("promise", "when", "limit", "figure", "95% interval", "margin", "worst case", "")
    for level in result.levels:
        table.add_row(*level_row(level))
    console.print(table)
    if result.hinges:
        console.print(hinge_table(result.hinges[:MOST_HINGES]))
    outcome = "PASS" if result.passed else "FAIL"
    counted = f"{len(result.cities)} cities, {result.cases} cases, {result.runs} runs"
    console.print(f"{outcome}: {counted}; written to {written}", highlight=False, soft_wrap=True)


def wide_console() -> Console:
    """Standard output; where it is no terminal, wide enough that no table is broken."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDE)


def level_row(level: LevelVerdict) -> list[str]:
    """One promise."""
    bounds = f"{amount(level.low, level.unit)} to {amount(level.high, level.unit)}"
    return [
        level.level.replace("_", " "),
        level.regime,
        amount(level.limit, level.unit),
        amount(level.figure, level.unit),
        bounds,
        "" if level.margin is None else f"{level.margin:.0f}%",
        level.worst_case,
        "ok" if level.passed else "BROKEN",
    ]


def hinge_table(hinges: tuple[Hinge, ...]) -> Table:
    """The quantities nearest to breaking a promise."""
    table = Table("hinges on", "declared", "source", "breaks at", "promise", "when")
    for one in hinges:
        table.add_row(
            one.quantity,
            f"{one.value:g} {one.unit}",
            one.source,
            f"{one.flips_at:g} {one.unit}",
            one.level.replace("_", " "),
            one.regime,
        )
    return table


def size(limit: str, value: float | None) -> str:
    """A size of the limit called ``limit``, rates in the unit that reads best; nothing sold where there is none."""
    if value is None:
        return "–"
    (parameters,) = (one.parameters for one in LIMITS if one.name == limit)
    if not parameters[0].endswith("_bps"):
        return f"{value:g}"
    scale, unit = next(
        (s, u)
        for s, u in ((1e9, "Gbps"), (1e6, "Mbps"), (1e3, "kbps"), (1.0, "bps"))
        if value >= s or s == 1.0
    )
    return f"{value / scale:g} {unit}"


def amount(value: float | None, unit: str) -> str:
    """A figure in the unit that reads best."""
    if value is None or math.isinf(value):
        return "never"
    if unit != "s":
        return f"{value:.3g}{unit}"
    for size, name in ((3600.0, "h"), (60.0, "min")):
        if abs(value) >= 2 * size:
            return f"{value / size:.2f} {name}"
    return f"{value:.3g} s"


def pairs(screened: Sequence[Screened], run: Sequence[Screened], promises: Sequence[Worst]) -> None:
    """Double failures: how many do what, the worst, and how the promises fare in them."""
    console = wide_console()
    table = Table("worst pairs", "cities cut off", "peak demand unserved", "fullest link")
    for one in run:
        table.add_row(one.failure.name, str(one.cut_off), f"{one.unserved:.1%}", f"{one.fullest:.0%}")
    console.print(table)
    held = Table("promise in these", "when", "limit", "figure", "95% interval", "margin", "worst case", "")
    for promise in promises:
        held.add_row(*level_row(level_verdict(promise)))
    console.print(held)
    cut = sum(one.cut_off > 0 for one in screened)
    short = sum(one.cut_off == 0 and one.unserved > 0 for one in screened)
    console.print(
        f"{len(screened)} pairs screened: {cut} cut a city off, {short} more leave peak demand unserved",
        highlight=False,
    )


def pairs_as_data(
    screened: Sequence[Screened], run: Sequence[Screened], promises: Sequence[Worst]
) -> dict[str, object]:
    """The same for a program."""
    return {
        "screened": len(screened),
        "cut_off": sum(one.cut_off > 0 for one in screened),
        "unserved": sum(one.cut_off == 0 and one.unserved > 0 for one in screened),
        "run": [
            {
                "failure": one.failure.name,
                "cut_off": one.cut_off,
                "unserved": one.unserved,
                "fullest": one.fullest,
            }
            for one in run
        ],
        "promises": [level_verdict(promise).model_dump() for promise in promises],
    }


def availability(found: Sequence[Availability], standard: float) -> None:
    """Each city's services in per cent of a year."""
    table = Table(
        "city", "service", "at least", "bound of the rest", "hours down a year", f"against {standard:.1%}"
    )
    for one in found:
        table.add_row(
            one.city,
            one.service,
            f"{100 * one.least:.4f}%",
            f"{100 * (one.most - one.least):.1e}%",
            f"{one.hours_down:.2f}",
            "ok" if one.least >= standard else "BELOW",
        )
    wide_console().print(table)


def growth(result: Growth) -> None:
    """Every limit: where it breaks, what mends it."""
    console = wide_console()
    table = Table("limit", "declared", "breaks at", "with", "promise", "mended by", "enough for all")
    for limit in sorted(result.limits, key=lambda one: (one.breaks_at is None, one.breaks_at or 0)):
        table.add_row(*limit_row(limit))
    console.print(table)
    for name, bought in result.bought:
        console.print(f"together it also takes: {name} {size(name, bought)}", highlight=False)
    for line in outcome(result):
        console.print(line, highlight=False, soft_wrap=True)


def outcome(result: Growth) -> list[str]:
    """What comes of it all: whether everything holds at the last count and, if not, what is broken and why."""
    count = len(result.cities)
    if not result.still_broken:
        return [f"{count} cities, with what is enough for all of them: holds"]
    lines = [
        f"still broken: {broken.level.replace('_', ' ')} {level_figure(broken.level, broken.figure)} against "
        f"{level_figure(broken.level, broken.limit)}, {broken.case}"
        for broken in result.still_broken
    ]
    short = [f"{one.limit} {size(one.limit, one.largest)}" for one in result.limits if one.is_short]
    if short:
        lines.append(f"nothing larger to buy: {'; '.join(short)}")
    return [*lines, f"{count} cities, with the largest there is where nothing is enough: does not hold"]


def level_figure(level: str, value: float) -> str:
    """A promise's figure with its unit."""
    return amount(100 * value, "%") if level == "sign_in_refused" else amount(value, "s")


def needed(limit: LimitResult, value: float | None) -> str:
    """A size that is enough; if none is, the largest there is, which is not."""
    return f"more than {size(limit.limit, limit.largest)}" if value is None else size(limit.limit, value)


def limit_row(limit: LimitResult) -> list[str]:
    """One limit."""
    if limit.broken is None:
        return [limit.limit, size(limit.limit, limit.declared), "never", "", "", "", ""]
    broken = limit.broken
    figure = level_figure(broken.level, broken.figure)
    return [
        limit.limit,
        size(limit.limit, limit.declared),
        str(limit.breaks_at),
        limit.city or "",
        f"{broken.level.replace('_', ' ')} {figure}, {broken.case}",
        needed(limit, limit.mended_by),
        needed(limit, limit.enough_for_all),
    ]
