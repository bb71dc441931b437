"""The backup center is lost with all its hosts. The data center goes on; that it is alone now must be seen."""

from __future__ import annotations

import time

from omi.drill import faults, health
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

LEAST = 20.0
"""Seconds without it, so that there is something to catch up with."""
LONGEST = 120.0
"""Seconds to wait until it is seen."""


def choose(lab: Lab, _: int) -> Facts:
    """All of it."""
    center = lab.topology.backup_center
    return {"site": center.name, "hosts": [host.name for host in center.hosts]}


def observe(scene: Scene) -> Figures:
    """Until whoever asks the data center is told that nothing follows it."""
    own, far = health.database_hosts(scene.lab)
    names = [host.name for host in own], [host.name for host in far]
    noticed: float | None = None
    while noticed is None and scene.since_fault() < LONGEST:
        seen = health.cluster_problems(*names, health.databases(scene.lab, own))
        if any("does not follow" in problem for problem in seen):
            noticed = scene.since_fault()
        time.sleep(1)
    time.sleep(max(0.0, LEAST - scene.since_fault()))
    return {"noticed": noticed}


def verify(scene: Scene) -> Figures:
    """The lab is healthy: the backup center follows closely again."""
    return {"caught_up": time.monotonic() - scene.repaired_at}


DRILL = Drill("bc-loss", choose, faults.unplug, faults.plug_in, observe, verify)
