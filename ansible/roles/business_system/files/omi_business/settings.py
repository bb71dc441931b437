"""What the service is told by its host: cities, their databases, groups of functions, and who may ask."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

PATH = "OMI_BUSINESS"
"""Environment variable that names the settings' file."""


class Group(NamedTuple):
    """A group of business functions, with a database of its own in each city."""

    name: str
    title: str
    functions: int
    """How many there are, named or not."""
    named: tuple[str, ...]
    """Those whose names are public."""

    @property
    def path(self) -> str:
        """First part of its addresses: resident-records."""
        return self.name.replace("_", "-")


class Settings(NamedTuple):
    """All of it. ``databases`` is how libpq connects, by (city, group)."""

    proxies: frozenset[str]
    """Hosts that may ask on behalf of a city."""
    cities: dict[str, str]
    """Entitled cities: name to title."""
    groups: dict[str, Group]
    databases: dict[tuple[str, str], dict[str, str]]
    connections: int
    """The most at a time to one database."""
    patience_s: float
    """How long a request waits for a database that is changing its primary."""


def read(path: Path) -> Settings:
    """The settings in ``path``, which Ansible writes. Raises OSError, ValueError, KeyError."""
    raw: dict[str, Any] = json.loads(path.read_text())
    groups = [Group(g["name"], g["title"], g["functions"], tuple(g["named"])) for g in raw["groups"]]
    databases = {
        (city["name"], group.name): {**raw["connect"], **connection(city, group)}
        for city in raw["cities"]
        for group in groups
    }
    return Settings(
        frozenset(raw["proxies"]),
        {city["name"]: city["title"] for city in raw["cities"]},
        {group.name: group for group in groups},
        databases,
        raw["connections"],
        raw["patience_s"],
    )


def connection(city: dict[str, Any], group: Group) -> dict[str, str]:
    """What is particular to one database: the owner is called like it."""
    name = f"{city['name']}_{group.name}"
    return {"dbname": name, "user": name, "password": city["passwords"][group.name]}


def from_environment() -> Settings:
    """The settings that the unit names."""
    return read(Path(os.environ[PATH]))
