"""The volume of the primary's log is full. The databases may stop; what was acknowledged must be there afterwards."""

from __future__ import annotations

import time

from lab.errors import LabError
from omi.drill import health
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

FILE = "drill-fill"
STANDS = 2.0
"""Seconds without an acknowledgement after which the databases have stopped."""
LONGEST = 60.0
"""Seconds to wait for that; segments that are there already are used up first."""
MORE_THAN_ALL = 1.2
"""Of the volume's declared size: what is tried to be written. A volume that takes it is not limited."""
SWITCH = "psql -XAtqc 'SELECT pg_switch_wal()' -h /run/postgresql -U postgres postgres"
"""The next segment, please: an empty one takes as much room as a full one."""


def choose(lab: Lab, _: int) -> Facts:
    """The volume in which the primary's log lies."""
    host = health.primary(lab)
    log = lab.on(host, "realpath /var/lib/postgresql/15/main/pg_wal").strip()
    mounted = lab.on(host, f"df --output=target {log} | tail -1").strip()
    for volume in lab.topology.host(host).volumes:
        if volume.path == mounted:
            return {"host": host, "volume": volume.path, "bytes": str(round(volume.size * MORE_THAN_ALL))}
    raise LabError(
        f"the log of {host} has no volume of its own",
        "this drill would fill the machine's disk, so it does not",
    )


def fault(lab: Lab, facts: Facts) -> None:
    """Fill it, and no more than it should hold. Raises LabError where nothing stops that."""
    file = f"{facts['volume']}/{FILE}"
    said = lab.on(
        str(facts["host"]), f"head -c {facts['bytes']} /dev/zero > {file} && echo taken || true", seconds=120
    )
    if "taken" in said:
        raise LabError(
            f"{facts['volume']} of {facts['host']} takes more than is declared",
            "see the volume's size in Incus",
        )


def observe(scene: Scene) -> Figures:
    """Until the databases have stopped for want of room."""
    begun = time.monotonic()
    while time.monotonic() - begun < LONGEST:
        scene.lab.everywhere([str(scene.facts["host"])], SWITCH, seconds=5)
        if scene.writers.behind(time.monotonic() - STANDS):
            return {"stopped": scene.since_fault()}
    return {"stopped": None}


def repair(lab: Lab, facts: Facts) -> None:
    """Make room."""
    lab.on(str(facts["host"]), f"rm -f {facts['volume']}/{FILE}")


DRILL = Drill("disk-full", choose, fault, repair, observe)
