"""A session host is emptied for maintenance: nobody new comes, those who are there move on with their profile."""

from __future__ import annotations

from omi.drill import desktops, viewers
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene
from omi.drill.viewers import AtWork, Viewers, at_work


def choose(lab: Lab, repetition: int) -> Facts:
    """Each repetition another host."""
    hosts = desktops.desks(lab.topology)
    return {"host": hosts[repetition % len(hosts)]}


def fault(lab: Lab, facts: Facts) -> None:
    """Empty it by the playbook, which asks nobody to sign out first."""
    lab.playbook("drain-desktop-host", host=str(facts["host"]), wait="0", end=True)


def repair(lab: Lab, facts: Facts) -> None:
    """Let it take people again; everybody goes home."""
    lab.playbook("return-desktop-host", host=str(facts["host"]))
    desktops.sign_everybody_out(lab)


def observe(scene: Scene) -> Figures:
    """All sign in once more."""
    stage: AtWork = scene.stage
    empty, lab, host = scene.since_fault(), scene.lab, str(scene.facts["host"])
    stage.viewers.leave()
    with Viewers(lab, viewers.one_of_each_city(lab.topology)) as again:
        viewers.everybody_sees(lab, again)
        found = desktops.memos(lab)
        there = desktops.sessions(lab).get(host, [])
    return {
        "desktops_moved": len(stage.at(host)),
        "host_empty": empty,
        "profiles_lost": stage.without_memo(found),
        "desktops_on_drained_host": len(there),
    }


DRILL = Drill("desktop-drain", choose, fault, repair, observe, before=at_work)
