"""The CS server that serves dies, each time in another way. Its fellow has to take the address over."""

from __future__ import annotations

from omi.drill import cs, faults
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

LONGEST = 30.0
"""Seconds to wait until every city is served again; the objective is stricter."""
WAYS = ("its plug is pulled", "its service is stuck", "its service and its keepalived are killed")
UNITS = "omi-cs.service nginx.service keepalived.service"


def choose(lab: Lab, repetition: int) -> Facts:
    """Whoever has the address now."""
    host = cs.holder(lab)
    return {"host": host, "site": lab.topology.host(host).site, "way": WAYS[repetition % len(WAYS)]}


def fault(lab: Lab, facts: Facts) -> None:
    """Break it in its way."""
    host = str(facts["host"])
    if facts["way"] == WAYS[0]:
        faults.power_off(lab, str(facts["site"]), [host])
    elif facts["way"] == WAYS[1]:
        lab.on(host, "systemctl kill --signal=STOP omi-cs.service")
    else:
        faults.kill_units(lab, host, UNITS)


def repair(lab: Lab, facts: Facts) -> None:
    """Switch it on, let it go on, start what was killed: whatever of these it needs."""
    host = str(facts["host"])
    faults.power_on(lab, str(facts["site"]), [host])
    faults.await_ssh(lab, [host])
    lab.on(host, "systemctl kill --signal=CONT omi-cs.service || true")  # there may be nothing to go on
    faults.start_units(lab, host, UNITS)


def observe(scene: Scene) -> Figures:
    """Until every city is served by the other one."""
    scene.await_writing(LONGEST)
    return {}


def verify(scene: Scene) -> Figures:
    """Once is right. Where it was more, a silence comes from the pair itself, not from the databases behind it."""
    return {"address_moves": cs.moves(scene.lab, scene.since_fault())}


DRILL = Drill(
    "cs-failover", choose, fault, repair, observe, verify, writers=lambda lab: cs.writers(lab.topology)
)
