"""The plug of the primary database's host is pulled: nobody answers, not even to say no."""

from __future__ import annotations

from omi.drill import faults, health
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

LONGEST = 180
"""Seconds to wait for the first rows; the objective is stricter."""


def choose(lab: Lab, _: int) -> Facts:
    """Whoever is the primary now."""
    return {"site": lab.topology.data_center.name, "host": health.primary(lab)}


def fault(lab: Lab, facts: Facts) -> None:
    """Pull the plug."""
    faults.power_off(lab, str(facts["site"]), [str(facts["host"])])


def repair(lab: Lab, facts: Facts) -> None:
    """Switch it on; it comes back as a standby."""
    faults.power_on(lab, str(facts["site"]), [str(facts["host"])])


def observe(scene: Scene) -> Figures:
    """Until every city writes again."""
    scene.await_writing(LONGEST)
    return {}


DRILL = Drill("db-host-down", choose, fault, repair, observe)
