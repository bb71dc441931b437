"""Real sign-ins to the desktops, from all cities over their lines, so many within so many minutes."""

from __future__ import annotations

import functools
import time

from inventory.desktop_plan import people
from omi.drill import desktops, viewers
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene
from omi.drill.viewers import Viewers

USERS, MINUTES = 40, 2.0
"""Where nobody says otherwise."""
PATIENCE = 120
"""Seconds after the last arrival; who has no desktop then has none."""


def storm(users: int = USERS, minutes: float = MINUTES) -> Drill:
    """The drill for so many sign-ins within so many minutes."""
    return Drill("login-storm", functools.partial(choose, users, minutes), fault, repair, observe)


def choose(users: int, minutes: float, lab: Lab, repetition: int) -> Facts:
    """Each repetition other moments of arrival. Raises LabError where there are not so many people."""
    viewers.taking_turns(people(lab.topology), users)
    return {"users": str(users), "minutes": str(minutes), "seed": str(repetition)}


def fault(_: Lab, __: Facts) -> None:
    """Nothing is broken: the people are the load."""


def repair(lab: Lab, _: Facts) -> None:
    """Everybody goes home."""
    desktops.sign_everybody_out(lab)


def observe(scene: Scene) -> Figures:
    """Let them come, and see how long each waits for the desktop."""
    lab, facts = scene.lab, scene.facts
    users, seconds = int(str(facts["users"])), float(str(facts["minutes"])) * 60
    comers = viewers.taking_turns(people(lab.topology), users)
    moments = viewers.bell(users, seconds, int(str(facts["seed"])))
    before = desktops.measured(lab)
    with Viewers(lab, dict(zip(comers, moments, strict=True))) as seen:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(1)
            lab.say(f"{len(seen.seeing())} of {users} have their desktop")
        seen.await_seeing({person.name for person in comers}, PATIENCE)
        after = desktops.measured(lab)
        begun, shown = seen.first("begun"), seen.first("shown")
    waits = [shown[person] - begun[person] for person in shown]
    return figures(users, waits, before, after)


def figures(users: int, waits: list[float], before: dict[str, float], after: dict[str, float]) -> Figures:
    """``waits``: seconds from the first click to the desktop, of those who got one. Figures per sign-in are means."""
    served = max(1, len(waits))
    return {
        "sign_ins": users,
        "sign_ins_failed": users - len(waits),
        "sign_in_p50": viewers.quantile(waits, 0.5) if waits else None,
        "sign_in_p95": viewers.quantile(waits, 0.95) if waits else None,
        "sign_in_most": max(waits) if waits else None,
        "processor_per_sign_in": (after["seconds"] - before["seconds"]) / served,
        "memory_bytes_per_desktop": after["memory"] / max(1, after["desktops"]),
        "wire_bytes_per_sign_in": (after["bytes"] - before["bytes"]) / served,
    }


DRILL = storm()
