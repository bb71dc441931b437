"""Rules for the drills' objectives."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.alerts import NAMES
from inventory.document import Document
from inventory.drills import DrillObjective
from inventory.model import CloudFile
from inventory.problem import Problem
from inventory.rules.declared import Declared, one_of, tolerant

UNITS = {
    **dict.fromkeys(("rows_lost", "rows_doubled", "rows_differing"), "rows"),
    **dict.fromkeys(
        ("sign_ins_failed", "desktops_lost", "profiles_lost", "desktops_on_drained_host"), "users"
    ),
}
"""What figures that are counted are counted in."""


def rows_are_counted_in_rows(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """A limit that counts rows or people says so."""
    for index, drill in enumerate(cloud.model.drills):
        yield from tolerant(limits_in_rows(cloud.document, index, drill))


def promises_are_drilled(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """A drill allows no more than what the databases promise elsewhere in the file."""
    databases = cloud.model.databases
    promised = {
        ("db-kill", "rto"): databases.takeover.within,
        ("db-host-down", "rto"): databases.takeover.within,
        ("cs-failover", "silence"): cloud.model.cs.failover,
        ("dc-loss", "rto"): databases.disaster_within,
        ("dc-loss", "lost_span"): databases.backup_center.rpo,
    }
    for index, drill in enumerate(cloud.model.drills):
        for name, limit in drill.limits.given():
            promise = promised.get((drill.name, name))
            if promise is not None and limit.base > promise.base:
                where = ("drills", index, "limits", name, "value")
                wrong = f"{name} of {drill.name} is longer than cloud.yaml promises"
                yield cloud.document.problem(where, wrong, f"write {promise.value:g} {promise.unit} or less")


def limits_in_rows(document: Document, index: int, drill: DrillObjective) -> Iterator[Problem]:
    """The same, of one drill."""
    for name, limit in drill.limits.given():
        unit = UNITS.get(name, limit.unit)
        if limit.unit != unit:
            where = ("drills", index, "limits", name, "unit")
            yield document.problem(where, f"{name} is in {limit.unit!r}", f"write {unit}")


def alerts_exist(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """A drill names an alert that there is."""
    for index, drill in enumerate(cloud.model.drills):
        yield from tolerant(alert_exists(cloud.document, index, drill))


def alert_exists(document: Document, index: int, drill: DrillObjective) -> Iterator[Problem]:
    """The same, of one drill."""
    if drill.alert is not None and drill.alert not in NAMES:
        wrong = f"alert {drill.alert!r} does not exist"
        yield document.problem(("drills", index, "alert"), wrong, one_of(NAMES))
