"""A restored copy of the cluster that nobody but this host can reach: no network, a socket in a folder of its own."""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from omi_backup.run import FailedError, must, run
from omi_backup.settings import DatabaseSettings

LIMITS = (
    "max_connections",
    "max_worker_processes",
    "max_wal_senders",
    "max_prepared_xacts",
    "max_locks_per_xact",
)
"""A copy in recovery refuses to start with less than the primary had; the control file says how much that was."""
NAMES = {"max_prepared_xacts": "max_prepared_transactions", "max_locks_per_xact": "max_locks_per_transaction"}

APPEARS_SECONDS = 10.0
"""How long a copy that was told to start may not be seen yet."""


@dataclass(frozen=True)
class Scratch:
    """A running copy. ``connection`` is libpq's, as its superuser."""

    folder: Path
    connection: str
    user: str


@contextlib.contextmanager
def restored(
    settings: DatabaseSettings, target: list[str], name: str, seconds: float = 7200
) -> Iterator[Scratch]:
    """Restore into a fresh folder, recover to ``target`` (options of pgBackRest), run it, and remove it afterwards.

    Raises FailedError with PostgreSQL's own last words if the target is not reached within ``seconds``.
    """
    folder = settings.scratch / name
    empty(folder, settings)
    try:
        restore(settings, folder, target)
        yield start(settings, folder, seconds)
    finally:
        stop(settings, folder)
        shutil.rmtree(folder, ignore_errors=True)


def empty(folder: Path, settings: DatabaseSettings) -> None:
    """A fresh folder of the database's user; what a run that was cut short left there is stopped and removed."""
    stop(settings, folder)
    shutil.rmtree(folder, ignore_errors=True)
    for path in (folder, folder / "data", folder / "socket", folder / "log"):
        path.mkdir(parents=True, mode=0o700)
        with contextlib.suppress(PermissionError, LookupError):
            shutil.chown(path, settings.user, settings.user)


def restore(settings: DatabaseSettings, folder: Path, target: list[str]) -> None:
    """Lay down the files and the instructions for recovery."""
    must(
        [
            "pgbackrest",
            f"--config={settings.restore_config}",
            f"--stanza={settings.stanza}",
            f"--pg1-path={folder / 'data'}",
            f"--lock-path={folder / 'log'}",
            f"--log-path={folder / 'log'}",
            "--archive-mode=off",
            "--target-action=promote",
            *target,
            "restore",
        ],
        settings.user,
    )


def configuration(folder: Path, control: str) -> str:
    """PostgreSQL's configuration for the copy. ``control`` is what pg_controldata prints of it."""
    found = dict(re.findall(r"^(\w+) setting: +(\d+)$", control, re.MULTILINE))
    limits = [f"{NAMES.get(name, name)} = {found[name]}" for name in LIMITS if name in found]
    return "\n".join(
        [
            "listen_addresses = ''",
            f"unix_socket_directories = '{folder / 'socket'}'",
            f"hba_file = '{folder / 'pg_hba.conf'}'",
            "hot_standby = off",  # nobody looks at it before the target is reached
            "archive_mode = off",
            "fsync = off",  # it is thrown away
            "shared_buffers = 64MB",
            "autovacuum = off",
            *limits,
            "",
        ]
    )


def start(settings: DatabaseSettings, folder: Path, seconds: float) -> Scratch:
    """Run the copy and wait until it has reached its target."""
    control = must([str(settings.programs / "pg_controldata"), str(folder / "data")], settings.user)
    for name, text in (
        ("postgresql.conf", configuration(folder, control)),
        ("pg_hba.conf", "local all all trust\n"),
        ("pg_ident.conf", ""),
    ):
        (folder / name).write_text(text)
        (folder / name).chmod(0o644)
    options = f"-c config_file={folder / 'postgresql.conf'} -c ident_file={folder / 'pg_ident.conf'}"
    command = [str(settings.programs / "pg_ctl"), "-D", str(folder / "data"), "-o", options]
    log = folder / "log" / "postgresql.log"
    begun = run([*command, "-l", str(log), "-W", "start"], settings.user, 120)
    if begun.returncode:
        raise FailedError(f"the copy does not start: {said(log)}")
    connection = f"host={folder / 'socket'} port=5432 user={superuser(settings)}"
    wait(settings, folder, connection, seconds)
    return Scratch(folder, connection, settings.user)


def superuser(settings: DatabaseSettings) -> str:
    """The cluster's first role."""
    return settings.user


def wait(settings: DatabaseSettings, folder: Path, connection: str, seconds: float) -> None:
    """Until the copy takes writes, which it does once it has been promoted at its target."""
    ask = ["psql", "-XAtq", "-c", "SELECT NOT pg_is_in_recovery()", f"{connection} dbname=postgres"]
    deadline = time.monotonic() + seconds
    # pg_ctl does not wait, so at first there may be no server yet; one that was seen and is gone has ended.
    appears, seen = time.monotonic() + APPEARS_SECONDS, False
    while True:
        answer = run(ask, settings.user, 60)
        if answer.returncode == 0 and answer.stdout.strip() == "t":
            return
        status = [str(settings.programs / "pg_ctl"), "-D", str(folder / "data"), "status"]
        alive = run(status, settings.user, 60).returncode == 0
        ended = not alive and (seen or time.monotonic() > appears)
        seen = seen or alive
        if ended or time.monotonic() > deadline:
            raise FailedError(
                f"the copy does not reach its target: {said(folder / 'log' / 'postgresql.log')}"
            )
        time.sleep(0.3)


def stop(settings: DatabaseSettings, folder: Path) -> None:
    """Stop the copy, if it runs."""
    if (folder / "data" / "postmaster.pid").exists():
        run(
            [str(settings.programs / "pg_ctl"), "-D", str(folder / "data"), "-m", "fast", "stop"],
            settings.user,
            120,
        )


def said(log: Path) -> str:
    """PostgreSQL's last complaints."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return "it left no log"
    told = [line for line in lines if "FATAL" in line or "PANIC" in line or "ERROR" in line] or lines
    return " | ".join(line.partition("] ")[2] or line for line in told[-3:])[:400]
