"""How good or bad each fact is. Pure. What nobody knows is as bad as what is broken: silence is not green."""

from __future__ import annotations

from typing import Literal

from inventory.verdict import Verdict
from inventory.watching import Watching
from omi.status.facts import (
    Certificate,
    Database,
    Desk,
    Desktops,
    Facts,
    Firing,
    Line,
    Monitor,
    Place,
    Rehearsal,
    Store,
)

Tone = Literal["good", "untried", "amber", "red", "unknown"]
"""``untried``: neither good nor bad, because nobody has run it on this lab."""
AREAS = (
    *("alerts", "monitors", "sites", "lines", "databases", "backups"),
    *("certificates", "desktops", "drills", "verdict"),
)
"""The page's parts, in order."""


def of_monitor(one: Monitor) -> Tone:
    """It answers and judges, or nobody watches its center."""
    return "good" if one.problem is None and one.judges else "red"


def of_alert(one: Firing) -> Tone:
    """As its rule says."""
    return "amber" if one.severity == "amber" else "red"


def of_place(one: Place) -> Tone:
    """Every host answers."""
    if one.missing is None:
        return "unknown"
    return "red" if one.missing else "good"


def of_line(one: Line) -> Tone:
    """It is up."""
    if one.up is None:
        return "unknown"
    return "good" if one.up else "red"


def of_database(one: Database) -> Tone:
    """It serves or follows; a standby that is nobody's second node protects nothing."""
    if one.role is None:
        return "unknown"
    return {"stopped": "red", "standby": "amber"}.get(one.role, "good")  # type: ignore[return-value]


def of_store(one: Store) -> Tone:
    """Its check is green."""
    if one.green is None:
        return "unknown"
    return "good" if one.green else "red"


def of_certificate(one: Certificate, now: float, watching: Watching) -> Tone:
    """It holds for long enough."""
    left = one.ends - now
    least = watching.authority_left if one.name == "authority" else watching.certificate_left
    if left <= 0:
        return "red"
    return "amber" if left < least.base else "good"


def of_desk(one: Desk) -> Tone:
    """It takes people, or somebody has decided otherwise."""
    if one.state is None:
        return "unknown"
    return {"lost": "red", "drained": "amber"}.get(one.state, "good")  # type: ignore[return-value]


def of_desktops(one: Desktops) -> Tone:
    """There is a place for everybody."""
    return "good" if one.places >= one.users else "red"


def of_rehearsal(one: Rehearsal) -> Tone:
    """It was played on this lab, on this declaration, and kept its objectives."""
    if not one.here:
        return "untried"
    if not one.kept:
        return "red"
    return "good" if one.this_declaration else "amber"


def of_verdict(one: Verdict | None) -> Tone:
    """What is declared was proven."""
    return "good" if one is not None and one.passed else "red"


def tones(facts: Facts, watching: Watching) -> dict[str, list[Tone]]:
    """Each area of the page to the tones of what is in it. Nothing where something must be is unknown."""
    found: dict[str, list[Tone]] = {
        "monitors": [of_monitor(one) for one in facts.monitors] or ["unknown"],
        "alerts": ["unknown"] if facts.alerts is None else [of_alert(one) for one in facts.alerts],
        "sites": [of_place(one) for one in facts.places],
        "lines": [of_line(one) for one in facts.lines],
        "databases": [of_database(one) for one in facts.databases],
        "backups": [of_store(one) for one in facts.stores] or ["unknown"],
        "certificates": [of_certificate(one, facts.at, watching) for one in facts.certificates or ()],
        "desktops": [of_desktops(facts.desktops), *(of_desk(one) for one in facts.desktops.desks)],
        "drills": [of_rehearsal(one) for one in facts.rehearsals] or ["amber"],
        "verdict": [of_verdict(facts.verdict)],
    }
    if not facts.certificates:
        found["certificates"] = ["unknown"]
    return found


def worst(found: list[Tone]) -> Tone:
    """The worst of several."""
    order: tuple[Tone, ...] = ("red", "unknown", "amber", "untried")
    return next((tone for tone in order if tone in found), "good")


def answer(areas: dict[str, list[Tone]]) -> Tone:
    """What the page says of the whole. Drills that were not run here need nobody: a new lab is well."""
    found = worst([tone for tones in areas.values() for tone in tones])
    return "good" if found == "untried" else found


def is_red(facts: Facts, watching: Watching) -> bool:
    """Whether something is red, or unknown."""
    return any(worst(found) in ("red", "unknown") for found in tones(facts, watching).values())
