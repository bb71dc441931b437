"""The data center is lost with all its hosts. People decide; the backup center takes over, and later hands back."""

from __future__ import annotations

import time

from omi.drill import faults
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

NOBODY_DECIDES = 10.0
"""Seconds between the loss and the decision."""
LONGEST = 900.0
"""Seconds to wait until all cities write into the backup center."""


def choose(lab: Lab, _: int) -> Facts:
    """All of it."""
    center = lab.topology.data_center
    return {"site": center.name, "hosts": [host.name for host in center.hosts]}


def observe(scene: Scene) -> Figures:
    """Decide, run the playbook, and wait until every city writes."""
    time.sleep(NOBODY_DECIDES)
    scene.decided_at = time.monotonic()
    scene.lab.playbook("failover-to-backup-center", lost=True)
    playbook = time.monotonic() - scene.decided_at
    scene.await_writing(LONGEST)
    return {"playbook": playbook}


def repair(lab: Lab, facts: Facts) -> None:
    """Switch everything on, and hand back.

    What the lost center alone had is given up, as decided when it was taken for lost; the ledger counts it. Where
    nothing was taken over, the playbook finds nothing to do.
    """
    faults.plug_in(lab, facts)
    faults.await_ssh(lab, facts["hosts"])
    lab.playbook("failback-to-data-center", accept_loss=True)


DRILL = Drill("dc-loss", choose, faults.unplug, repair, observe, heals=600)
