"""The last backup, restored and compared with the databases it came from; every page and index looked at."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from omi_backup import repository, scratch, seal
from omi_backup.run import FailedError, last_words, run
from omi_backup.session import Session
from omi_backup.settings import DatabaseSettings


def restore_test(settings: DatabaseSettings) -> tuple[list[str], dict[str, Any]]:
    """What is wrong with a restored copy, and figures about it. Raises nothing that a broken backup can cause."""
    held, trouble = repository.info(settings)
    if not held:
        return [trouble or "there is no backup to restore"], {}
    found: dict[str, Any] = {"backup": held[-1].label}
    begun = time.monotonic()
    try:
        sealed = seal.take(settings.connection, settings.user)
        seal.keep(settings.records, sealed)
        found |= {"point": sealed.name, "rows": sealed.rows, "databases": len(sealed.figures)}
        faults = repository.probe(settings)  # the restore point's segment has to arrive
        if not faults:
            target = ["--type=name", f"--target={sealed.name}"]
            with scratch.restored(settings, target, "restore-test") as copy:
                faults = looked_at(settings, copy, sealed)
    except (FailedError, seal.BusyError) as error:
        faults = [" ".join(str(error).split())]
    return faults, found | {"seconds": round(time.monotonic() - begun, 1)}


def looked_at(settings: DatabaseSettings, copy: scratch.Scratch, sealed: seal.Seal) -> list[str]:
    """Every difference and every damaged page or index."""
    looks: list[Callable[[], list[str]]] = [
        lambda: seal.differences(sealed, figures(copy.connection)),
        lambda: structure(settings, copy),
        lambda: checksums(settings, copy),
    ]
    return [fault for look in looks for fault in look()]


def figures(connection: str) -> dict[str, dict[str, list[Any]]]:
    """The figures of every database of the copy."""
    with Session(connection, "postgres") as session:
        names = seal.databases(session)
    found = {}
    for name in names:
        with Session(connection, name) as session:
            found[name] = seal.figures_of(session)
    return found


def structure(settings: DatabaseSettings, copy: scratch.Scratch) -> list[str]:
    """Tables and indexes that amcheck finds corrupt."""
    program = [
        str(settings.programs / "pg_amcheck"),
        "--install-missing",
        "--all",
        "--jobs=2",
        "--heapallindexed",
    ]
    done = run(program, settings.user, PGHOST=str(copy.folder / "socket"), PGUSER=scratch.superuser(settings))
    return [f"amcheck: {last_words(done)}"] if done.returncode else []


def checksums(settings: DatabaseSettings, copy: scratch.Scratch) -> list[str]:
    """Pages whose checksum is wrong. Stops the copy: checksums are read at rest."""
    scratch.stop(settings, copy.folder)
    done = run(
        [str(settings.programs / "pg_checksums"), "--check", "-D", str(copy.folder / "data")], settings.user
    )
    return [f"checksums: {last_words(done)}"] if done.returncode else []
