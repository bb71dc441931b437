"""A session host of the desktops dies: its people get a new desktop elsewhere, with their profile as last saved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from omi.drill import desktops, faults
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene
from omi.drill.viewers import AtWork, at_work

PATIENCE = 180
"""Seconds; who has no desktop then has lost it."""
NOTICING = 10.0
"""Seconds within which the brokers cut the connections to a host that is gone."""
COPYING = 10.0
"""Seconds that a copy of all profiles of a host may take."""


def choose(lab: Lab, repetition: int) -> Facts:
    """Each repetition another host."""
    hosts = desktops.desks(lab.topology)
    return {"site": lab.topology.data_center.name, "hosts": [hosts[repetition % len(hosts)]]}


@contextmanager
def saved(lab: Lab, facts: Facts) -> Iterator[AtWork]:
    """People at work, whose files have been saved since they wrote them."""
    with at_work(lab, facts) as stage:
        lab.say("waiting until the profiles have been saved")
        time.sleep(lab.topology.desktops.saved_every.base + COPYING)
        yield stage


def repair(lab: Lab, facts: Facts) -> None:
    """Switch it on again; everybody goes home."""
    faults.plug_in(lab, facts)
    faults.await_ssh(lab, facts["hosts"])
    desktops.sign_everybody_out(lab)


def observe(scene: Scene) -> Figures:
    """Until all have a desktop again."""
    stage: AtWork = scene.stage
    concerned = stage.at(scene.facts["hosts"][0])
    time.sleep(NOTICING)
    missing = stage.viewers.await_seeing(stage.everybody(), PATIENCE)
    back = stage.viewers.first("shown", scene.fault_at)
    disturbed = set(stage.viewers.first("gone", scene.fault_at)) - concerned
    away = [back[person] - scene.fault_at for person in concerned if person in back]
    return {
        "desktops_moved": len(concerned),
        "desktops_lost": len(missing | disturbed),
        "desktop_back": None if missing else max(away, default=0.0),
        "profiles_lost": stage.without_memo(desktops.memos(scene.lab)),
    }


DRILL = Drill("desktop-host-loss", choose, faults.unplug, repair, observe, before=saved)
