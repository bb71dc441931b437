"""Connections to whichever of the databases' proxies leads to the primary."""

from __future__ import annotations

import psycopg2
from omi_web.pool import Connection

from .settings import Settings


def connect(settings: Settings, **other: str) -> Connection:
    """A connection by the first proxy that has a primary behind it. Raises psycopg2.OperationalError.

    Not by libpq's own list of hosts: it goes no further than to a proxy that takes a connection and, with no primary
    behind it, closes it again. ``other`` takes the place of what the settings say, such as ``user``.
    """
    *first, last = settings.hosts
    for host in first:
        try:
            return psycopg2.connect(settings.database, host=host, **other)
        except psycopg2.OperationalError:
            continue
    return psycopg2.connect(settings.database, host=last, **other)
