"""The business system anew, one application host after the other, while a clerk in every city goes on asking."""

from __future__ import annotations

from inventory.database_plan import with_role
from lab.errors import LabError
from omi.drill.clerks import at_work
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

PLAYBOOK = "rolling-restart"


def choose(lab: Lab, _: int) -> Facts:
    """All application hosts, each in its turn."""
    centers = (lab.topology.data_center, lab.topology.backup_center)
    return {"hosts": " ".join(app.name for site in centers for app in with_role(site, "app"))}


def fault(_lab: Lab, _facts: Facts) -> None:
    """Nothing breaks: it is work that is planned, and done while it is watched."""


def observe(scene: Scene) -> Figures:
    """Restart them all. Figures: requests of all cities that failed, and the slowest (seconds)."""
    with at_work(scene.lab) as answers:
        scene.lab.playbook(PLAYBOOK)
    idle = [city for city, answer in answers.items() if not answer["asked"]]
    if idle:
        raise LabError(
            f"no clerk could ask in {', '.join(idle)}: {answers[idle[0]]['failures']}",
            "see tests/hosts/test_business.py",
        )
    for city, answer in answers.items():
        scene.lab.say(f"{city}: {answer['asked']} requests, {answer['failed']} failed {answer['failures']}")
    return {
        "requests_failed": float(sum(answer["failed"] for answer in answers.values())),
        "slowest_request": max(answer["slowest"] for answer in answers.values()),
    }


def repair(lab: Lab, facts: Facts) -> None:
    """Start what was stopped, and put every host back in service at every proxy."""
    hosts = str(facts["hosts"]).split()
    for host in hosts:
        lab.on(host, "systemctl start omi-business.service haproxy.service")
    for site in (lab.topology.data_center, lab.topology.backup_center):
        for proxy in with_role(site, "proxy"):
            lab.on(proxy.name, "; ".join(f"omi-business-servers ready {host}" for host in hosts), seconds=240)


DRILL = Drill("rolling-restart", choose, fault, repair, observe)
