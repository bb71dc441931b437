"""What the databases hold at one point of the log: a figure for every table, and the point's name.

The figures of a restored copy, recovered up to that very point, must be the same: not about, but exactly.
That needs a snapshot and a restore point with nothing in between. So a snapshot is opened in every database, all at
once, the restore point is written, and then it is asked whether a transaction that writes is under way or has ended
since. If one is or has, all of it is done again; on the quiet milliseconds between two transactions it holds. The
tables are then read in the snapshots, at leisure, and nobody waits for a lock.

Under way counts too: a commit that waits for the second node is in the log already, before the restore point, and in
no snapshot yet. Snapshots alone do not tell: they do not list a transaction that is younger than all that have ended.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from omi_backup.record import write
from omi_backup.session import Session, identifier, literal

ATTEMPTS = 2000
PAUSES = (0.0, 0.003, 0.007, 0.011, 0.017)
"""Seconds between two attempts, in turn, so that no regular writer is always met at the same moment."""
TABLES = """
SELECT n.nspname AS schema, c.relname AS "table" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY 1, 2
"""
FIGURE = """
SELECT count(*) AS rows, coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text AS one,
       coalesce(sum(hashtextextended(t::text, 1)::numeric), 0)::text AS other FROM ONLY {} t
"""
"""Rows, and twice the sum of 64 bits of each row: the order of rows does not matter, a changed one does."""
SNAPSHOT = "SELECT pg_current_snapshot()"
UNDER_WAY = "SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL"
DATABASES = "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname"


@dataclass(frozen=True)
class Seal:
    """Figures of all tables at the restore point ``name``: database to table to [rows, sum, sum]."""

    name: str
    at: float
    attempts: int
    figures: dict[str, dict[str, list[Any]]]

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return sum(figure[0] for tables in self.figures.values() for figure in tables.values())


class BusyError(Exception):
    """There was no moment without a transaction that writes."""


def take(connection: str, user: str | None = None) -> Seal:
    """Seal every database of the cluster that ``connection`` (libpq) reaches; psql is run by ``user``.

    Raises BusyError after ATTEMPTS, FailedError if the databases cannot be read.
    """
    name = f"omi_seal_{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}"
    with contextlib.ExitStack() as stack:
        control = stack.enter_context(Session(connection, "postgres", user))
        sessions = {one: stack.enter_context(Session(connection, one, user)) for one in databases(control)}
        for attempt in range(1, ATTEMPTS + 1):
            if quiet_point(control, list(sessions.values()), f"{name}_{attempt}"):
                figures = {database: figures_of(session) for database, session in sessions.items()}
                return Seal(f"{name}_{attempt}", time.time(), attempt, figures)
            time.sleep(PAUSES[attempt % len(PAUSES)])
    raise BusyError(f"in {ATTEMPTS} attempts there was always a transaction in between")


def databases(session: Session) -> list[str]:
    """Names of the databases that hold anything."""
    return [str(row["datname"]) for row in session.rows(DATABASES)]


def quiet_point(control: Session, sessions: list[Session], name: str) -> bool:
    """Open a snapshot in each session and write the restore point ``name``; whether nothing wrote meanwhile."""
    for session in sessions:
        session.send("ROLLBACK; BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; " + SNAPSHOT)
    seen = {session.answer()[-1] for session in sessions}
    if len(seen) > 1:
        return False
    control.do(f"SELECT pg_create_restore_point({literal(name)})")
    # in this order: what ends between the two questions shows in the second
    return control.do(UNDER_WAY) == ["0"] and set(control.do(SNAPSHOT)) == seen


def figures_of(session: Session) -> dict[str, list[Any]]:
    """Table to [rows, sum, sum], of the session's database."""
    found = {}
    for row in session.rows(TABLES):
        name = identifier(row["schema"], row["table"])
        figure = session.rows(FIGURE.format(name))[0]
        found[f"{row['schema']}.{row['table']}"] = [figure["rows"], figure["one"], figure["other"]]
    return found


def differences(sealed: Seal, found: dict[str, dict[str, list[Any]]]) -> list[str]:
    """Where a restored copy is not what was sealed. A seal without a row is a fault: nothing was compared."""
    return list(_differences(sealed, found))


def _differences(sealed: Seal, found: dict[str, dict[str, list[Any]]]) -> Iterator[str]:
    if not sealed.rows:
        yield "there was nothing to compare: the seal holds no row"
    for database in sorted({*sealed.figures, *found}):
        here, there = sealed.figures.get(database), found.get(database)
        if here is None or there is None:
            yield f"{database}: {'not sealed' if here is None else 'not restored'}"
            continue
        for table in sorted({*here, *there}):
            if here.get(table) != there.get(table):
                counts = [str(one[table][0]) if table in one else "no" for one in (here, there)]
                yield f"{database}: {table} differs ({counts[0]} rows sealed, {counts[1]} restored)"


def keep(folder: Path, seal: Seal) -> None:
    """Write the seal to ``folder``, for people."""
    write(folder / "seal.json", json.dumps(asdict(seal), indent=1) + "\n")
