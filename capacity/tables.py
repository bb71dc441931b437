"""Results as people read them on a terminal."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

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


def amount(value: float | None, unit: str) -> str:
    """A figure in the unit that reads best."""
    if value is None:
        return "never"
    if unit != "s":
        return f"{value:.3g}{unit}"
    for size, name in ((3600.0, "h"), (60.0, "min")):
        if abs(value) >= 2 * size:
            return f"{value / size:.2f} {name}"
    return f"{value:.3g} s"
