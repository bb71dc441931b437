"""Each area of the page: facts in, a table of words out. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Callable

from inventory.alerts import NAMES, by_name
from omi.drill.objectives import is_counted
from omi.status import findings
from omi.status.facts import Firing, Line, Monitor, Rehearsal, Store
from omi.status.page import ZONE, Cell, Context, Table, clock, length, size

CERTIFICATES_SHOWN = 5
KINDS = ("line", "access", "replication")


def monitors(context: Context) -> Table:
    """Who watches."""
    said = context.said

    def state(one: Monitor) -> str:
        if one.problem is not None:
            return f"{said['no_answer']}: {one.problem}"
        return said["watches"] if one.judges else said["does_not_judge"]

    rows = [[Cell(one.name), Cell(state(one), findings.of_monitor(one))] for one in context.facts.monitors]
    return [said["host"], said["state"]], rows, ""


def alerts(context: Context) -> Table:
    """What fires, what it means and what to do."""
    said = context.said
    if context.facts.alerts is None:
        return [], [], said["unknown"]

    def advice(one: Firing) -> str:
        if one.name not in NAMES:
            return ""
        return " ".join(getattr(words, context.language) for words in by_name(one.name).advice)

    rows = [
        [
            Cell(one.name, findings.of_alert(one)),
            Cell(" ".join(one.about)),
            Cell(clock(one.since)),
            Cell(advice(one)),
        ]
        for one in context.facts.alerts
    ]
    headings = [said[word] for word in ("alert", "about", "since", "advice")]
    return (headings, rows, "") if rows else ([], [], said["none_fires"])


def sites(context: Context) -> Table:
    """The two centers."""
    said = context.said
    rows = []
    for one in context.facts.places:
        text = said["all_answer"].format(one.hosts)
        if one.missing is None:
            text = said["unknown"]
        elif one.missing:
            text = said["missing"].format(", ".join(one.missing))
        rows.append([Cell(context.titles[one.site]), Cell(text, findings.of_place(one))])
    return [said["site"], said["hosts"]], rows, ""


def lines(context: Context) -> Table:
    """A row for each site that has lines of its own: what lives, what does not, and how often it went."""
    said = context.said
    rows = []
    for site in dict.fromkeys(one.site for one in context.facts.lines):
        own = [one for one in context.facts.lines if one.site == site]
        cells = [
            Cell(
                " / ".join(line_words(context, one) for one in own if one.kind == kind),
                findings.worst([findings.of_line(one) for one in own if one.kind == kind])
                if any(one.kind == kind for one in own)
                else None,
            )
            for kind in KINDS
        ]
        rows.append([Cell(context.titles[site]), *cells])
    return [said["site"], *(said[kind] for kind in KINDS)], rows, ""


def line_words(context: Context, one: Line) -> str:
    """One line in words."""
    said = context.said
    state = said["unknown"] if one.up is None else said["up"] if one.up else said["down"]
    often = f" ({said['downs'].format(one.downs)})" if one.downs else ""
    return f"{one.far} {state}{often}"


def databases(context: Context) -> Table:
    """Every node."""
    said = context.said
    rows = [
        [
            Cell(one.host),
            Cell(said[one.role or "unknown"], findings.of_database(one)),
            Cell("" if one.behind is None else size(one.behind)),
        ]
        for one in context.facts.databases
    ]
    return [said["host"], said["role"], said["behind"]], rows, ""


def backups(context: Context) -> Table:
    """Every store."""
    said = context.said

    def state(one: Store) -> str:
        if one.green is None:
            return said["unknown"]
        return (
            said["green"]
            if one.green
            else said["not_green"].format(", ".join(said.get(reason, reason) for reason in one.reasons))
        )

    rows = [
        [
            Cell(one.host),
            Cell(state(one), findings.of_store(one)),
            Cell("" if one.checked is None else said["ago"].format(length(context.facts.at - one.checked))),
        ]
        for one in context.facts.stores
    ]
    return [said["store"], said["state"], said["checked"]], rows, ""


def certificates(context: Context) -> Table:
    """Those that end first."""
    said, found = context.said, context.facts.certificates
    if not found:
        return [], [], said["unknown"]
    rows = [
        [
            Cell(one.host),
            Cell(one.name),
            Cell(
                said["days"].format(int((one.ends - context.facts.at) // 86400)),
                findings.of_certificate(one, context.facts.at, context.watching),
            ),
        ]
        for one in found[:CERTIFICATES_SHOWN]
    ]
    note = said["certificates_note"].format(len(rows), len(found))
    return [said["host"], said["certificate"], said["ends"]], rows, note


def desktops(context: Context) -> Table:
    """Every session host; below, the declared pool, whose mornings the verdict speaks of."""
    said, pool = context.said, context.facts.desktops
    rows = [
        [
            Cell(one.host),
            Cell(said[one.state or "unknown"], findings.of_desk(one)),
            Cell(said["unknown"] if one.sessions is None else str(one.sessions)),
            Cell(said["unknown"] if one.places is None else str(one.places)),
        ]
        for one in pool.desks
    ]
    note = said["desktops_note"].format(pool.places, pool.places_far, pool.users)
    return [said["session_host"], said["state"], said["sessions"], said["places"]], rows, note


def drills(context: Context) -> Table:
    """Every declared drill, with the worst figures of its last playing."""
    said = context.said
    rows = [
        [
            Cell(f"{one.title_ja if context.language == 'ja' else one.title_en} ({one.drill})"),
            Cell(said["never"] if one.played is None else day(one.played)),
            Cell(drill_state(context, one), findings.of_rehearsal(one)),
            Cell(", ".join(drill_figure(context, name, *pair) for name, pair in one.figures.items())),
        ]
        for one in context.facts.rehearsals
    ]
    missing = sum(not one.here for one in context.facts.rehearsals)
    note = said["drills_note"].format(missing, len(rows)) if missing else ""
    return [said["drill"], said["played"], said["state"], said["figures"]], rows, note


def drill_state(context: Context, one: Rehearsal) -> str:
    """How it went: here, or how it went elsewhere."""
    said = context.said
    went = said["kept" if one.kept else "missed"]
    if one.played is None:
        return said["not_here"]
    if not one.here:
        return said["elsewhere"].format(went)
    return said["older"] if one.kept and not one.this_declaration else went


def drill_figure(context: Context, name: str, worst: float | None, limit: float) -> str:
    """One figure and its limit, in seconds or counted."""
    unit = "" if is_counted(name) else " s"
    figure = context.said["never_ended"] if worst is None else f"{worst:.4g}{unit}"
    return f"{context.said[name]} {figure} ({limit:g}{unit})"


def day(text: str) -> str:
    """The day of a moment in ISO 8601."""
    return f"{datetime.datetime.fromisoformat(text).astimezone(ZONE):%Y-%m-%d %H:%M}"


def verdict(context: Context) -> Table:
    """The promises, those with the least margin first."""
    said, found = context.said, context.facts.verdict
    if found is None:
        return [], [], said["no_verdict"]
    tightest = sorted(
        found.levels, key=lambda one: (one.passed, one.margin if one.margin is not None else 1e9)
    )
    rows = [
        [
            Cell(f"{said[one.level]} ({said[one.regime]})"),
            Cell(said["never_ended"] if one.figure is None else f"{one.figure:.4g} {one.unit}"),
            Cell(f"{one.limit:g} {one.unit}"),
            Cell("" if one.margin is None else f"{one.margin:.0f}%", "good" if one.passed else "red"),
        ]
        for one in tightest
    ]
    note = said["passed" if found.passed else "failed"]
    return [said["promise"], said["figure"], said["limit"], said["margin"]], rows, note


SECTIONS: dict[str, Callable[[Context], Table]] = {
    "monitors": monitors,
    "alerts": alerts,
    "sites": sites,
    "lines": lines,
    "databases": databases,
    "backups": backups,
    "certificates": certificates,
    "desktops": desktops,
    "drills": drills,
    "verdict": verdict,
}
"""By the area's name."""
