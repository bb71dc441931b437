"""A broker of the desktops dies: its people come back over the other one, each to the own desktop."""

from __future__ import annotations

import time

from omi.drill import desktops
from omi.drill.desktops import Viewers
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

PATIENCE = 90
"""Seconds; who is not back then has lost the desktop."""
NOTICING = 3.0
"""Seconds within which a terminal sees that its connection is gone."""


def choose(lab: Lab, repetition: int) -> Facts:
    """Each repetition the other broker."""
    brokers = desktops.brokers(lab.topology)
    return {"broker": brokers[repetition % len(brokers)]}


def fault(_: Lab, __: Facts) -> None:
    """Not yet: people have to be at work first (observe)."""


def repair(lab: Lab, facts: Facts) -> None:
    """Start it again; everybody goes home."""
    lab.on(str(facts["broker"]), "systemctl start haproxy.service")
    desktops.sign_everybody_out(lab)


def observe(scene: Scene) -> Figures:
    """One person of each city at work; then the broker is killed with all its connections."""
    lab = scene.lab
    with Viewers(lab, desktops.one_of_each_city(lab.topology)) as viewers:
        desktops.everybody_sees(lab, viewers)
        before = desktops.displays(lab)
        scene.fault_at = time.monotonic()
        lab.on(
            str(scene.facts["broker"]),
            "systemctl kill --signal=KILL haproxy.service; systemctl stop haproxy.service",
        )
        everybody = {person.name for person in viewers.arrivals}
        time.sleep(NOTICING)
        missing = viewers.await_seeing(everybody, PATIENCE)
        gone = viewers.first("gone", scene.fault_at)
        back = viewers.first("shown", scene.fault_at)
        after = desktops.displays(lab)
    away = [back[person] - scene.fault_at for person in gone if person in back]
    return {
        "desktops_interrupted": len(gone),
        "desktops_lost": len([one for one in everybody if one in missing or after.get(one) != before[one]]),
        "desktop_back": None if missing else max(away, default=0.0),
    }


DRILL = Drill("desktop-reconnect", choose, fault, repair, observe)
