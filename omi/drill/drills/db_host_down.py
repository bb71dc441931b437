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
    return {"site": lab.topology.data_center.name, "hosts": [health.primary(lab)]}


def observe(scene: Scene) -> Figures:
    """Until every city writes again."""
    scene.await_writing(LONGEST)
    return {}


DRILL = Drill("db-host-down", choose, faults.unplug, faults.plug_in, observe)
