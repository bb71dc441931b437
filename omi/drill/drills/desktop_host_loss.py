"""A session host of the desktops dies: its people get a new desktop elsewhere, with their profile as last saved."""

from __future__ import annotations

import time

from omi.drill import desktops, faults
from omi.drill.desktops import Viewers
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

PATIENCE = 180
"""Seconds; who has no desktop then has lost it."""
NOTICING = 10.0
"""Seconds within which the brokers cut the connections to a host that is gone."""


def choose(lab: Lab, repetition: int) -> Facts:
    """Each repetition another host."""
    hosts = desktops.desks(lab.topology)
    return {"host": hosts[repetition % len(hosts)]}


def fault(_: Lab, __: Facts) -> None:
    """Not yet: people have to be at work first (observe)."""


def repair(lab: Lab, facts: Facts) -> None:
    """Switch it on again; everybody goes home."""
    faults.power_on(lab, lab.topology.data_center.name, [str(facts["host"])])
    desktops.sign_everybody_out(lab)


def observe(scene: Scene) -> Figures:
    """People at work whose profiles have been saved since; then the plug is pulled."""
    lab, host = scene.lab, str(scene.facts["host"])
    with Viewers(lab, desktops.one_of_each_city(lab.topology)) as viewers:
        desktops.everybody_sees(lab, viewers)
        written = desktops.write_memos(lab, f"loss-{time.time_ns():x}")
        lab.say("waiting until the profiles have been saved")
        time.sleep(lab.topology.desktops.saved_every.base + 10)
        concerned = set(desktops.sessions(lab).get(host, []))
        scene.fault_at = time.monotonic()
        faults.power_off(lab, lab.topology.data_center.name, [host])
        time.sleep(NOTICING)
        missing = viewers.await_seeing({person.name for person in viewers.arrivals}, PATIENCE)
        back = viewers.first("shown", scene.fault_at)
        disturbed = set(viewers.first("gone", scene.fault_at)) - concerned
        found = desktops.memos(lab)
    away = [back[person] - scene.fault_at for person in concerned if person in back]
    return {
        "desktops_moved": len(concerned),
        "desktops_lost": len(missing | disturbed),
        "desktop_back": None if missing else max(away, default=0.0),
        "profiles_lost": sum(found.get(person) != text for person, text in written.items()),
    }


DRILL = Drill("desktop-host-loss", choose, fault, repair, observe)
