"""The plug of a data-center edge router is pulled; later it is switched on again, which may cost nothing either."""

from __future__ import annotations

import time

from omi.drill import faults
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

DEAD = 5.0
"""Seconds."""


def choose(lab: Lab, repetition: int) -> Facts:
    """Each repetition another one."""
    edges = lab.topology.data_center.routers()
    return {"site": lab.topology.data_center.name, "hosts": [edges[repetition % len(edges)].name]}


def observe(_: Scene) -> Figures:
    """Leave it off for a while."""
    time.sleep(DEAD)
    return {}


DRILL = Drill("edge-down", choose, faults.unplug, faults.plug_in, observe)
