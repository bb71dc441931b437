"""A line of a city is cut, silently, and just the one that carries the city's rows."""

from __future__ import annotations

import time

from omi.drill import faults
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

CUT = 5.0
"""Seconds: long enough for every timer that doubles to show."""
WEIGHED = 1.0
"""Seconds for which the lines' traffic is compared."""


def choose(lab: Lab, repetition: int) -> Facts:
    """Each repetition another city; of its lines the one that sends more."""
    cities = lab.topology.cities
    city = cities[repetition % len(cities)]
    lines = {link.near_interface: link.name for link in city.links if link.kind == "line"}
    before = sent(lab, city.routers()[0].name, list(lines))
    time.sleep(WEIGHED)
    after = sent(lab, city.routers()[0].name, list(lines))
    busiest = max(lines, key=lambda line: after[line] - before[line])
    return {"city": city.name, "line": busiest, "network": lines[busiest]}


def sent(lab: Lab, router: str, interfaces: list[str]) -> dict[str, int]:
    """Bytes that each interface of a router has sent since it came up."""
    files = " ".join(f"/sys/class/net/{name}/statistics/tx_bytes" for name in interfaces)
    counts = lab.on(router, f"cat {files}").split()
    return dict(zip(interfaces, map(int, counts), strict=True))


def fault(lab: Lab, facts: Facts) -> None:
    """Cut it."""
    faults.cut(lab, str(facts["network"]))


def repair(lab: Lab, facts: Facts) -> None:
    """Join it."""
    faults.mend(lab, str(facts["network"]))


def observe(_: Scene) -> Figures:
    """Leave it cut for a while."""
    time.sleep(CUT)
    return {}


DRILL = Drill("line-cut", choose, fault, repair, observe)
