"""What was measured, held against what is declared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inventory.drills import DrillObjective
from inventory.model import CloudFile
from inventory.problem import InvalidDeclarationError, Problem

Figures = dict[str, float | None]
"""Name of a figure to its value in its base unit (seconds, rows, people, bytes). None: it never came to an end."""

ROWS = ("rows_lost", "rows_doubled", "rows_differing", "requests_failed", "address_moves")
"""Figures that are counted in rows, requests or moves."""
PEOPLE = ("sign_ins", "desktops_", "profiles_")
"""How figures begin that are counted in people. Those with ``bytes`` in their name are bytes, all others seconds."""


def is_counted(name: str) -> bool:
    """Whether a figure is a count."""
    return name in ROWS or name.startswith(("rows_", *PEOPLE))


@dataclass(frozen=True)
class Judged:
    """One limit and its figure, in the figure's base unit."""

    figure: str
    limit: float
    measured: float | None
    """None: it never came to an end, or nobody measured it."""
    source: str
    note: str

    @property
    def kept(self) -> bool:
        """Whether the objective was met. What was not measured is not met."""
        return self.measured is not None and self.measured <= self.limit


def judge(objective: DrillObjective, figures: Mapping[str, float | None]) -> list[Judged]:
    """Each declared limit of the drill, with what was measured."""
    return [
        Judged(name, limit.base, figures.get(name), limit.source, limit.note)
        for name, limit in objective.limits.given()
    ]


def objective_of(file: CloudFile, name: str) -> DrillObjective:
    """The declared objective of a drill. Raises InvalidDeclarationError where there is none."""
    for objective in file.drills:
        if objective.name == name:
            return objective
    wrong = f"drills: no objective for {name!r}"
    raise InvalidDeclarationError([Problem("cloud.yaml", 1, 1, wrong, "declare what it may cost at most")])


def worst(repetitions: list[Figures]) -> Figures:
    """Of each figure the largest; None where one never came to an end."""
    names = dict.fromkeys(name for figures in repetitions for name in figures)
    return {name: largest([figures.get(name) for figures in repetitions]) for name in names}


def largest(values: list[float | None]) -> float | None:
    """The largest; None where one is None."""
    numbers = [value for value in values if value is not None]
    return max(numbers) if len(numbers) == len(values) else None
