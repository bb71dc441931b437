"""A broker of the desktops dies: its people come back over the other one, each to the own desktop."""

from __future__ import annotations

import time

from omi.drill import desktops, faults
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene
from omi.drill.viewers import AtWork, at_work

PATIENCE = 90
"""Seconds; who is not back then has lost the desktop."""
NOTICING = 3.0
"""Seconds within which a terminal sees that its connection is gone."""
BROKER = "haproxy.service"


def choose(lab: Lab, repetition: int) -> Facts:
    """Each repetition the other broker."""
    brokers = desktops.brokers(lab.topology)
    return {"broker": brokers[repetition % len(brokers)]}


def fault(lab: Lab, facts: Facts) -> None:
    """Kill the broker with all its connections."""
    faults.kill_units(lab, str(facts["broker"]), BROKER)


def repair(lab: Lab, facts: Facts) -> None:
    """Start it again; everybody goes home."""
    faults.start_units(lab, str(facts["broker"]), BROKER)
    desktops.sign_everybody_out(lab)


def observe(scene: Scene) -> Figures:
    """Until all are back."""
    stage: AtWork = scene.stage
    time.sleep(NOTICING)
    missing = stage.viewers.await_seeing(stage.everybody(), PATIENCE)
    gone = stage.viewers.first("gone", scene.fault_at)
    back = stage.viewers.first("shown", scene.fault_at)
    away = [back[person] - scene.fault_at for person in gone if person in back]
    after = desktops.displays(scene.lab)
    elsewhere = {person for person, display in stage.displays.items() if after.get(person) != display}
    return {
        "desktops_interrupted": len(gone),
        "desktops_lost": len(missing | elsewhere),
        "desktop_back": None if missing else max(away, default=0.0),
    }


DRILL = Drill("desktop-reconnect", choose, fault, repair, observe, before=at_work)
