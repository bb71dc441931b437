"""The data center is lost with all its hosts. People decide; the backup center takes over, and later hands back."""

from __future__ import annotations

import time

from lab.errors import LabError
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


def fault(lab: Lab, facts: Facts) -> None:
    """Pull all plugs."""
    faults.power_off(lab, str(facts["site"]), facts["hosts"])


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
    faults.power_on(lab, str(facts["site"]), facts["hosts"])
    await_ssh(lab, facts["hosts"])
    lab.playbook("failback-to-data-center", accept_loss=True)


def await_ssh(lab: Lab, hosts: str | list[str], seconds: float = 120) -> None:
    """Wait until all hosts can be asked. Raises LabError."""
    deadline = time.monotonic() + seconds
    waiting = list(hosts)
    while waiting:
        answers = lab.everywhere(waiting, "true", seconds=15)
        waiting = [host for host, answer in answers.items() if isinstance(answer, Exception)]
        if waiting and time.monotonic() > deadline:
            raise LabError(f"{', '.join(waiting)} did not come back", "look at them with `incus list`")


DRILL = Drill("dc-loss", choose, fault, repair, observe, heals=600)
