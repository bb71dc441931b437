"""One city as it was at a point in time, beside the one that runs: what may be done, and the parts of doing it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from omi_backup import repository, scratch, seal, wal
from omi_backup.record import write
from omi_backup.run import must
from omi_backup.session import Session, literal
from omi_backup.settings import DatabaseSettings

SUFFIX = "_restored"
PORTABLE = ("--format=plain", "--no-owner", "--no-privileges")
MARK = "restored as of "
"""How the comment on a finished copy begins; the point in time follows. A copy without it is half done."""
EXISTING = "SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '') AS said FROM pg_database"


class RefusedError(Exception):
    """It will not be done; the text says why, and what would be right."""


@dataclass(frozen=True)
class Coverage:
    """What the archive covers. Times in seconds since 1970."""

    first: float | None
    """The end of the oldest backup: no earlier point can be restored."""
    now: float
    gaps: tuple[str, ...]
    """What the archive lacks between the backup to start from and the next one."""


def moment(text: str) -> datetime:
    """``text`` such as 2026-11-26 08:15:00+09. Raises RefusedError if it is no time, or says not in which zone."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise RefusedError(f"{text!r} is no point in time; write it as '2026-11-26 08:15:00+09'") from None
    if at.tzinfo is None:
        raise RefusedError(f"{text!r} does not say in which time zone; write '{text.strip()}+09' for Japan's")
    return at.astimezone(UTC)


def refusal(at: datetime, covered: Coverage) -> str | None:
    """Why the point in time cannot be restored, if it cannot."""
    if covered.first is None:
        return "there is no backup at all"
    wanted = at.timestamp()
    if wanted < covered.first:
        return f"{shown(wanted)} is before the oldest backup, which ended at {shown(covered.first)}"
    if wanted > covered.now:
        return f"{shown(wanted)} has not come yet"
    if covered.gaps:
        return f"the archive lacks {covered.gaps[0]} on the way to {shown(wanted)}; choose one after the next backup"
    return None


def step(at: datetime, databases: list[str], existing: dict[str, str], replace: bool) -> str:
    """``done`` if every copy is there as of ``at``, else ``restore``.

    ``existing``: each database's comment. Raises RefusedError if a database is unknown, or a copy of another time is
    there that nobody has said to replace. A copy that is only half done is in nobody's way.
    """
    unknown = [name for name in databases if name not in existing]
    if unknown:
        raise RefusedError(f"there is no database {', '.join(unknown)}")
    copies = {name + SUFFIX: existing[name + SUFFIX] for name in databases if name + SUFFIX in existing}
    finished = {name: said for name, said in copies.items() if said.startswith(MARK)}
    if len(finished) == len(databases) and set(finished.values()) == {mark(at)}:
        return "done"
    others = sorted(name for name, said in finished.items() if said != mark(at))
    if others and not replace:
        told = finished[others[0]]
        raise RefusedError(f"{others[0]} is there already ({told}); drop it, or say -e replace=true")
    return "restore"


def mark(at: datetime) -> str:
    """The comment on a finished copy."""
    return MARK + at.isoformat()


def shown(seconds: float) -> str:
    """A time as people here read it."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S%z")


def coverage(settings: DatabaseSettings, at: datetime) -> Coverage:
    """What the archive covers on the way to ``at``."""
    held, _ = repository.info(settings)
    now = datetime.now(UTC).timestamp()
    before = [backup for backup in held if backup.stopped <= at.timestamp()]
    if not before:
        return Coverage(held[0].stopped if held else None, now, ())
    start, after = before[-1], held[len(before)] if len(before) < len(held) else None
    names = repository.archived(settings, start.archive)
    if after and after.archive == start.archive:
        end = wal.segment(after.first_segment).number
        names = [name for name in names if wal.segment(name).number <= end]
    return Coverage(held[0].stopped, now, tuple(wal.gaps(names, start.first_segment)))


def plan(settings: DatabaseSettings, text: str, databases: list[str], replace: bool) -> str:
    """``done`` or ``restore``. Raises RefusedError with the reason."""
    at = moment(text)
    with Session(settings.connection, "postgres", settings.user) as session:
        existing = {row["datname"]: row["said"] for row in session.rows(EXISTING)}
    what = step(at, databases, existing, replace)
    if what == "restore" and (why := refusal(at, coverage(settings, at))):
        raise RefusedError(why)
    return what


def dump(settings: DatabaseSettings, text: str, databases: list[str]) -> Path:
    """Restore the cluster as of then on this host alone, and dump the city's databases. Returns the dumps' folder."""
    at = moment(text)
    folder = settings.scratch / "city"
    shutil.rmtree(folder, ignore_errors=True)
    with Session(settings.connection, "postgres", settings.user) as session:
        # recovery ends at the first commit after its target: on a quiet night there may be none, so this is one
        session.do("SELECT pg_current_xact_id()")
    if faults := repository.probe(settings):  # the log up to now has to be in the archive
        raise RefusedError(f"the archive does not take the log: {faults[0]}")
    target = ["--type=time", f"--target={at.strftime('%Y-%m-%d %H:%M:%S.%f+00')}"]
    with scratch.restored(settings, target, "city-cluster") as copy:
        folder.mkdir(mode=0o700)
        with Session(copy.connection, "postgres", settings.user) as session:
            there = seal.databases(session)
        if missing := [name for name in databases if name not in there]:
            raise RefusedError(f"at that time there was no database {', '.join(missing)}")
        figures: dict[str, Any] = {}
        for name in databases:
            with Session(copy.connection, name, settings.user) as session:
                figures[name] = seal.figures_of(session)
            must(
                [
                    "pg_dump",
                    *PORTABLE,
                    "--file",
                    str(folder / f"{name}.sql"),
                    f"{copy.connection} dbname={name}",
                ]
            )
        write(folder / "figures.json", json.dumps(figures))
    return folder


def compare(settings: DatabaseSettings, databases: list[str]) -> list[str]:
    """Where the loaded copies are not what was restored."""
    kept: dict[str, dict[str, list[Any]]] = json.loads(
        (settings.scratch / "city" / "figures.json").read_text()
    )
    found = {}
    for name in databases:
        with Session(settings.connection, name + SUFFIX, settings.user) as session:
            found[name] = seal.figures_of(session)
    wanted = seal.Seal("city", 0, 1, {name: kept[name] for name in databases})
    faults = seal.differences(wanted, found)
    # a city that had no row then is odd, but no fault of the restore
    return [fault for fault in faults if not fault.startswith("there was nothing")]


def sql_of_copy(database: str) -> str:
    """What makes an empty copy of ``database`` on the primary, instead of whatever bears its name."""
    copy, owner = f'"{database}{SUFFIX}"', f'"{database}"'
    return "\n".join(
        [
            f"DROP DATABASE IF EXISTS {copy} WITH (FORCE);",
            f"SELECT 'CREATE ROLE {copy} NOLOGIN' WHERE NOT EXISTS"  # noqa: S608 - a declared name
            f" (SELECT FROM pg_roles WHERE rolname = {literal(database + SUFFIX)}) \\gexec",
            f"GRANT {copy} TO {owner};",
            f"CREATE DATABASE {copy} OWNER {owner};",
            f"REVOKE ALL ON DATABASE {copy} FROM PUBLIC;",
            f"GRANT CONNECT ON DATABASE {copy} TO backup_auditor;",
            "",
        ]
    )


def sql_of_end(database: str, text: str) -> str:
    """What marks the copy as finished."""
    return f'COMMENT ON DATABASE "{database}{SUFFIX}" IS {literal(mark(moment(text)))};\n'
