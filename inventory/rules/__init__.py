"""What must hold between the things of a declaration. One rule, one function; each yields what breaks it.

A rule stops where it asks for something that is faulty itself
(:func:`~inventory.rules.declared.tolerant`); so rules are small, and one mistake does not hide another.
"""

from __future__ import annotations

import itertools

from inventory.model import City, CloudFile
from inventory.problem import Problem
from inventory.rules.backups import backup_rules
from inventory.rules.cities import city_rules, unique
from inventory.rules.cloud import cloud_rules
from inventory.rules.declared import Declared, tolerant
from inventory.rules.drills import alerts_exist, promises_are_drilled, rows_are_counted_in_rows

__all__ = ["Declared", "check"]


def check(cloud: Declared[CloudFile], cities: list[Declared[City]]) -> list[Problem]:
    """Every broken rule, as far as what a rule looks at is not itself faulty."""
    rules = itertools.chain(
        cloud_rules(cloud),
        backup_rules(cloud),
        (rows_are_counted_in_rows(cloud), promises_are_drilled(cloud), alerts_exist(cloud)),
        (unique(cities, "number"), unique(cities, "name")),
        *(city_rules(city, cloud.model) for city in cities),
    )
    return [problem for rule in rules for problem in tolerant(rule)]
