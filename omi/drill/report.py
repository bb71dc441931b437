"""Drills as tables: what was promised, what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from inventory.drills import DrillObjective
from omi.drill.measurement import Measurement
from omi.drill.objectives import Figures, Judged, is_counted

WORDS = {
    "silence": "longest silence of a city",
    "rto": "until all are served again",
    "rows_lost": "acknowledged rows lost",
    "rows_doubled": "rows doubled",
    "lost_span": "lost rows reach back",
    "noticed": "until it is visible",
    "noticed_by_restore": "until a restore refuses too",
    "alerted": "until the alert",
    "alert_cleared": "repair to the alert's end",
    "caught_up": "until caught up",
    "rows_differing": "restored rows that differ",
    "repair_silence": "longest silence of the repair",
    "others_silence": "longest silence of the others",
    "healthy_again": "repair to all healthy",
    "rows_restored": "rows restored",
    "address_moves": "times the address moved",
    "rows_acknowledged": "rows acknowledged",
    "rows_unknown": "rows of unknown outcome",
    "playbook": "of that, the playbook",
    "sign_ins": "people who signed in",
    "sign_ins_failed": "of them without a desktop",
    "sign_in_p50": "time to desktop, half of them",
    "sign_in_p95": "time to desktop, 95 of 100",
    "sign_in_most": "time to desktop, the longest",
    "processor_per_sign_in": "processor time a sign-in",
    "memory_bytes_per_desktop": "memory a desktop",
    "wire_bytes_per_sign_in": "bytes on the wire a sign-in",
    "desktop_back": "until the last desktop is back",
    "host_empty": "until the host was empty",
    "stopped": "until the databases stopped",
}
"""What a figure is called for people; others go by their own name."""


def figure(name: str, value: float | None) -> str:
    """A value with its unit: rows and people are counted, bytes are megabytes, all else is seconds."""
    if value is None:
        return "never"
    if is_counted(name):
        return f"{value:,.0f}"
    if "bytes" in name:
        return f"{value / 1e6:,.1f} MB"
    if value >= 60 and value % 60 == 0:
        return f"{value / 60:,.0f} min"
    return f"{value:,.2f} s" if value < 100 else f"{value:,.0f} s"


def called(name: str) -> str:
    """A figure's name for people."""
    return WORDS.get(name, name.replace("_", " "))


def result(title: str, judged: Sequence[Judged], figures: Figures) -> Table:
    """One playing: each objective with its figure, then what else was measured."""
    table = Table(title=title, title_justify="left")
    for heading in ("", "declared: at most", "measured", "", "who says so"):
        table.add_column(heading, justify="right" if heading in ("declared: at most", "measured") else "left")
    for one in judged:
        verdict = "[green]kept[/]" if one.kept else "[bold red]missed[/]"
        limit, measured = figure(one.figure, one.limit), figure(one.figure, one.measured)
        table.add_row(called(one.figure), limit, measured, verdict, f"{one.source}: {one.note}")
    table.add_section()
    for name, value in figures.items():
        if name not in {one.figure for one in judged}:
            table.add_row(called(name), "", figure(name, value), "", "")
    return table


def overview(done: Iterable[Measurement]) -> Table:
    """All drills: each objective with the least, the median and the most of all repetitions."""
    table = Table(title="All drills", title_justify="left")
    for heading in ("drill", "", "at most", "least", "median", "most", "times", ""):
        right = heading in ("at most", "least", "median", "most", "times")
        table.add_column(heading, justify="right" if right else "left")
    for one in done:
        for index, limit in enumerate(one.objectives):
            seen = one.summary.get(limit.figure)
            values = (seen.least, seen.median, seen.most) if seen else (None, None, None)
            kept = values[2] is not None and values[2] <= limit.limit
            table.add_row(
                one.drill if index == 0 else "",
                called(limit.figure),
                figure(limit.figure, limit.limit),
                *(figure(limit.figure, value) for value in values),
                str(len(one.repetitions)) if index == 0 else "",
                "[green]kept[/]" if kept else "[bold red]missed[/]",
            )
        table.add_section()
    return table


def listing(objectives: Iterable[DrillObjective], known: Iterable[str]) -> Table:
    """Which drills there are, what they break, and what that may cost at most."""
    names = set(known)
    table = Table(title="Drills", title_justify="left")
    for heading in ("drill", "what is broken", "", "at most"):
        table.add_column(heading)
    for one in objectives:
        limits = "\n".join(
            f"{called(name)}: {figure(name, limit.base)}" for name, limit in one.limits.given()
        )
        here = one.name if one.name in names else f"{one.name} (not built yet)"
        table.add_row(here, one.title.en, one.title.ja, limits, end_section=True)
    return table
