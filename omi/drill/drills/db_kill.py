"""kill -9 of the primary database, every process of it. Patroni and the proxies have to do the rest."""

from __future__ import annotations

from omi.drill import faults, health
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

LONGEST = 120
"""Seconds to wait for the first rows; the objective is stricter."""


def choose(lab: Lab, _: int) -> Facts:
    """Whoever is the primary now."""
    return {"host": health.primary(lab)}


def fault(lab: Lab, facts: Facts) -> None:
    """Kill it."""
    faults.kill(lab, str(facts["host"]), "postgres", "postgres")


def repair(_lab: Lab, _facts: Facts) -> None:
    """Nobody has to do anything: Patroni starts it again, as a standby."""


def observe(scene: Scene) -> Figures:
    """Until every city writes again."""
    scene.await_writing(LONGEST)
    return {}


DRILL = Drill("db-kill", choose, fault, repair, observe)
