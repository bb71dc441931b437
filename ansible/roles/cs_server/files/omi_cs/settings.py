"""What the service is told by its file of settings (JSON, written by the role)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """The file's content."""

    server: str
    """This host's name, for the audit log."""
    hosts: list[str]
    """The databases' proxies, those that are asked first before the others."""
    database: str
    """libpq's connection string, but for the host. The password is in the file that it names (passfile)."""
    cities: dict[str, IPv4Network]
    """The entitled cities, and the network each calls from."""
    connections: int
    """The most that one worker process opens to the database."""
    patience_s: float
    """How long a request waits for a database that is moving."""


def read(path: Path) -> Settings:
    """The settings in ``path``. Raises OSError, ValueError, KeyError or TypeError."""
    content = json.loads(path.read_text())
    cities = {city: IPv4Network(network) for city, network in content.pop("cities").items()}
    return Settings(cities=cities, **content)
