"""One city wants its data back as of a second; it is restored beside what runs. Nobody may notice anything else."""

from __future__ import annotations

import datetime
import time

from inventory.database_plan import databases
from omi.drill import health
from omi.drill.databases import GROUP
from omi.drill.ledger import differing
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

COPY = "{}_restored"
"""What the playbook calls the copy of a database."""
WRITTEN_ON = 3.0
"""Seconds that the city writes on before anybody finds out: they must not be in the copy."""


def choose(lab: Lab, repetition: int) -> Facts:
    """Each repetition another city; the second is now."""
    cities = sorted({database.city for database in databases(lab.topology)})
    now = datetime.datetime.now(datetime.UTC).isoformat(sep=" ")
    return {"city": cities[repetition % len(cities)], "at": now}


def fault(_lab: Lab, _facts: Facts) -> None:
    """What is wrong is in the data, from that second on; no part of the lab is broken."""


def observe(scene: Scene) -> Figures:
    """Find out, decide, restore, and hold every row of the copy against the city's own acknowledgements."""
    city, at = str(scene.facts["city"]), str(scene.facts["at"])
    scene.concerned = (city,)
    time.sleep(WRITTEN_ON)
    decided = time.monotonic()
    scene.lab.playbook("restore-city", city=city, at=at, replace=True)
    restored = time.monotonic() - decided
    copy = scene.writers.copy_of(city, COPY.format(f"{city}_{GROUP}"))
    moment = datetime.datetime.fromisoformat(at).timestamp()
    return {
        "rto": restored,
        "rows_differing": differing(copy.entries, copy.rows, moment),
        "rows_restored": len(copy.rows),
    }


def repair(lab: Lab, facts: Facts) -> None:
    """Drop the copies."""
    copies = [COPY.format(one.name) for one in databases(lab.topology) if one.city == facts["city"]]
    statements = "".join(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE);\n' for name in copies)
    psql = "psql -XAtq -v ON_ERROR_STOP=1 -h /run/postgresql -U postgres -d postgres"
    lab.on(health.primary(lab), psql, statements)


DRILL = Drill("restore-city", choose, fault, repair, observe)
