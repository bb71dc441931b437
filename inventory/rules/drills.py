"""Rules for the drills' objectives."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import CloudFile
from inventory.problem import Problem
from inventory.rules.declared import Declared, tolerant

UNITS = {"rows_lost": "rows", "rows_doubled": "rows", "rows_differing": "rows"}
"""What a counted figure is counted in."""


def drill_rules(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """Each drill has one objective, and its counts are of rows."""
    yield from tolerant(declared_once(cloud))
    for index in range(len(cloud.model.drills)):
        yield from tolerant(counted_in_rows(cloud, index))


def declared_once(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """No two objectives for one drill."""
    seen: set[str] = set()
    for index, drill in enumerate(cloud.model.drills):
        if drill.name in seen:
            where = ("drills", index, "name")
            yield cloud.document.problem(where, f"drill {drill.name!r} is declared twice", "leave one of them")
        seen.add(drill.name)


def counted_in_rows(cloud: Declared[CloudFile], index: int) -> Iterator[Problem]:
    """A limit that counts rows says so."""
    for name, limit in cloud.model.drills[index].limits.given():
        if limit.unit != UNITS.get(name, limit.unit):
            where = ("drills", index, "limits", name, "unit")
            yield cloud.document.problem(where, f"{name} is in {limit.unit}", f"write {UNITS[name]}")
