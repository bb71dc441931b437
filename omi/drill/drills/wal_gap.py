"""A segment of the archived log is gone. It must be missed before anybody needs it."""

from __future__ import annotations

from lab.errors import LabError
from omi.drill import stores
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

LONGEST = 300.0
"""Seconds to wait until it is missed."""


def choose(lab: Lab, _: int) -> Facts:
    """The last segment but one, after two have been pushed: every restore to now needs it, and it is no latecomer."""
    for _round in range(2):
        stores.told(lab, "probe")
    words = (
        f"find {stores.REPOSITORY}/archive/omi -type f -regextype posix-extended "
        r"-regex '.*/[0-9A-F]{24}-[0-9a-f]{40}(\.[a-z0-9]+)?' -printf '%f %p\n'"
        " | sort | tail -2 | head -1 | cut -d' ' -f2-"
    )
    file = lab.on(stores.host(lab), words).strip()
    if not file:
        raise LabError("the archive holds no segment", "see `omi-backup probe` on the store")
    return {"file": file}


def fault(lab: Lab, facts: Facts) -> None:
    """Take it away."""
    stores.put_aside(lab, str(facts["file"]), keep=False)


def observe(scene: Scene) -> Figures:
    """Until the check is red and says which segment."""
    segment = str(scene.facts["file"]).rpartition("/")[2].partition("-")[0]
    noticed = stores.await_red(scene.lab, "check", segment[-8:], LONGEST)
    return {"noticed": noticed}


def repair(lab: Lab, facts: Facts) -> None:
    """Give it back."""
    stores.put_back(lab, str(facts["file"]))
    stores.await_green(lab)


DRILL = Drill("wal-gap", choose, fault, repair, observe)
