"""One city's database is set back to a second, as after a wrong batch run. The others must not notice."""

from __future__ import annotations

from omi.drill.note import Facts
from omi.drill.reach import Lab
from omi.drill.story import Drill


def choose(lab: Lab, repetition: int) -> Facts:
    """Each repetition another city."""
    cities = lab.topology.cities
    return {"city": cities[repetition % len(cities)].name}


def fault(_lab: Lab, _facts: Facts) -> None:
    """TODO."""


def repair(_lab: Lab, _facts: Facts) -> None:
    """TODO."""


DRILL = Drill("restore-city", choose, fault, repair)
