"""``python3 -m omi_business.migrate``: bring every city's databases to the tables the service needs.

Prints each step it takes; a second run takes none. Status 0, or 1 with every database that could not be reached.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing

import psycopg2

from omi_business.schema import STEPS
from omi_business.settings import Settings, from_environment

LOCK = 7_305_441
"""The advisory lock under which one migrates at a time."""


def missing(group: str, taken: set[str]) -> Iterator[tuple[str, str]]:
    """Steps (name, SQL) that a database of ``group`` still has to take, in order."""
    for step in STEPS:
        if step.concerns(group) and step.name not in taken:
            yield step.name, step.sql


def migrate(connect: dict[str, str], group: str) -> list[str]:
    """Take what is missing, all or nothing. Returns the names of the steps taken. Raises psycopg2.Error."""
    with closing(psycopg2.connect(**connect)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        cursor.execute("CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, taken timestamptz)")
        cursor.execute("SELECT name FROM migration")
        steps = list(missing(group, {name for (name,) in cursor.fetchall()}))
        for name, sql in steps:
            cursor.execute(sql)
            cursor.execute("INSERT INTO migration VALUES (%s, now())", (name,))
    return [name for name, _ in steps]


def main(settings: Settings) -> int:
    """Migrate all; say what was done."""
    failed = 0
    for (_, group), connect in settings.databases.items():
        try:
            for name in migrate(connect, group):
                print(f"{connect['dbname']}: {name}")
        except psycopg2.Error as error:
            failed += 1
            print(f"{connect['dbname']}: {str(error).strip()}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(from_environment()))
