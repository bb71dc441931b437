"""A session host is emptied for maintenance: nobody new comes, those who are there move on with their profile."""

from __future__ import annotations

import time

from omi.drill import desktops
from omi.drill.desktops import Viewers
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene


def choose(lab: Lab, repetition: int) -> Facts:
    """Each repetition another host."""
    hosts = desktops.desks(lab.topology)
    return {"host": hosts[repetition % len(hosts)]}


def fault(_: Lab, __: Facts) -> None:
    """Not yet: people have to be at work first (observe)."""


def repair(lab: Lab, facts: Facts) -> None:
    """Let it take people again; everybody goes home."""
    lab.playbook("return-desktop-host", "-e", f"host={facts['host']}")
    desktops.sign_everybody_out(lab)


def observe(scene: Scene) -> Figures:
    """People at work, each with a file of today; the playbook; then all sign in once more."""
    lab, host = scene.lab, str(scene.facts["host"])
    with Viewers(lab, desktops.one_of_each_city(lab.topology)) as viewers:
        desktops.everybody_sees(lab, viewers)
        written = desktops.write_memos(lab, f"drain-{time.time_ns():x}")
        concerned = desktops.sessions(lab).get(host, [])
        scene.fault_at = time.monotonic()
        lab.playbook("drain-desktop-host", "-e", f"host={host}", "-e", "wait=0", "-e", "end=true")
        empty = scene.since_fault()
    with Viewers(lab, desktops.one_of_each_city(lab.topology)) as viewers:
        desktops.everybody_sees(lab, viewers)
        found = desktops.memos(lab)
        there = desktops.sessions(lab).get(host, [])
    return {
        "desktops_moved": len(concerned),
        "host_empty": empty,
        "profiles_lost": sum(found.get(person) != text for person, text in written.items()),
        "desktops_on_drained_host": len(there),
    }


DRILL = Drill("desktop-drain", choose, fault, repair, observe)
