"""``omi-backup VERB``: what the timers start, and people.

    check              is there a backup that can be relied on? every reason why not; status 1 if so
    backup [KIND]      take the backup that is due (or KIND: full, diff, incr)
    probe              push a segment of the log through the archive
    keep               seal what has arrived in the archive
    put-back           give files that have gone from the archive their names again
    verify [CITY...]   read everything, and thin file backups out
    restore [CITY...]  restore the last backup and compare
    push [CITY...]     send file shares (on the file host)

With --if-due a job whose last good run is younger than its rhythm does nothing. Status 1: something is wrong.
"""

from __future__ import annotations

import argparse
import fcntl
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from omi_backup import checks, files, keeper, repository, restore_test, share
from omi_backup.record import recall, remember
from omi_backup.run import FailedError, must
from omi_backup.settings import CONFIG, DatabaseSettings, FileSettings, StoreSettings, read

SLACK = 3600.0
"""A nightly timer may come this much earlier than the last night's backup ended."""
DAY = 86400.0
Job = Callable[[], tuple[list[str], dict[str, Any]]]
JUDGED = {"probe": "archived", "verify": "verified", "restore": "restored", "backup": "backup"}
"""A job whose outcome the check judges, and the name of its limits."""


def backup(settings: DatabaseSettings, kind: str | None) -> tuple[list[str], dict[str, Any]]:
    """Take a backup of ``kind``, or the one that is due."""
    held, _ = repository.info(settings)
    every = settings.limits
    due = kind or repository.wanted_kind(
        held, time.time(), every["full"]["every"], every["backup"]["every"], SLACK
    )
    due = due or ("diff" if repository.broken(settings, held) else None)
    if due is None:
        return [], {"taken": None}
    try:
        must(repository.command(settings, f"--type={due}", "backup"), settings.user, 8 * 3600)
    except FailedError as error:
        return [str(error)], {"taken": due}
    return [], {"taken": due}


def probe(settings: DatabaseSettings) -> tuple[list[str], dict[str, Any]]:
    """See whether the archive takes the log. If it does again, but lacks some, points in time need a new backup."""
    faults = repository.probe(settings)
    lacks = [] if faults else repository.broken(settings, repository.info(settings)[0])
    return (backup(settings, "diff")[0], {"gaps": len(lacks)}) if lacks else (faults, {})


def database_job(settings: DatabaseSettings, options: argparse.Namespace) -> dict[str, Job]:
    """Name of the record to job."""
    jobs: dict[str, Job] = {
        "backup": lambda: backup(settings, options.words[0] if options.words else None),
        "probe": lambda: probe(settings),
        "keep": lambda: ([], {"sealed": keeper.keep(settings)}),
        "put-back": lambda: ([], {"put_back": keeper.put_back(settings, repository.info(settings)[0])}),
        "verify": lambda: repository.verify(settings),
        "restore": lambda: restore_test.restore_test(settings),
    }
    return {options.verb: jobs[options.verb]}


def file_job(settings: FileSettings, options: argparse.Namespace) -> dict[str, Job]:
    """Name of the record to job, a city each. None for a verb that is not for file shares, or a city not known."""
    jobs = {"verify": files.verify, "restore": files.restore_test}
    if options.verb not in jobs or set(options.words) - set(settings.cities):
        return {}
    cities = options.words or settings.cities
    return {f"{options.verb}-{city}": partial(jobs[options.verb], settings, city) for city in cities}


def share_job(settings: share.ShareSettings, options: argparse.Namespace) -> dict[str, Job]:
    """Name of the record to job, a city each."""
    cities = options.words or sorted(path.stem for path in settings.credentials.glob("*.url"))
    return {f"push-{city}": partial(share.push, settings, city) for city in cities}


def work(jobs: dict[str, Job], records: Path, every: float) -> int:
    """Do the jobs that are due, remember and tell what each found. Returns the exit status."""
    status = 0
    for name, job in jobs.items():
        last = recall(records, name)
        if last and not last.faults and time.time() - last.at < every:
            print(f"{name}: not due")
            continue
        faults, found = job()
        remember(records, name, faults, found)
        figures = ", ".join(f"{key} {value}" for key, value in found.items() if value is not None)
        print(f"{name}: {'; '.join(faults) or 'well'}{f' ({figures})' if figures else ''}", flush=True)
        status = status or int(bool(faults))
    if not jobs:
        print("there was nothing to do: no such verb or city on this host", file=sys.stderr)
    return status if jobs else 1


def every_of(settings: StoreSettings, verb: str) -> float:
    """The rhythm of a verb, in seconds."""
    return settings.limits[JUDGED[verb]]["every"]


def one_at_a_time(records: Path, verb: str) -> Any:
    """A lock that lasts as long as the process: two restores at once would share a folder."""
    records.mkdir(parents=True, exist_ok=True)
    lock = (records / f".{verb}.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def main(arguments: list[str]) -> int:
    """Do what the command line says. Returns the exit status: 1 something is wrong, 2 it cannot be understood."""
    parser = argparse.ArgumentParser(
        prog="omi-backup", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = ["check", "backup", "probe", "keep", "put-back", "verify", "restore", "push"]
    parser.add_argument("verb", choices=verbs)
    parser.add_argument("words", nargs="*", metavar="CITY|KIND")
    parser.add_argument("--config", type=Path, default=CONFIG)
    parser.add_argument("--if-due", action="store_true")
    options = parser.parse_args(arguments)
    if options.verb == "push":
        sender = share.ShareSettings()
        lock = one_at_a_time(sender.records, "push")
        return work(share_job(sender, options), sender.records, DAY if options.if_due else 0)
    try:
        settings = read(options.config)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.verb == "check":
        reasons = checks.check(settings)
        print("\n".join(f"red: {reason.text}" for reason in reasons) or "green")
        return int(bool(reasons))
    lock = one_at_a_time(settings.records, options.verb)  # noqa: F841 - held until the end
    jobs = (
        database_job(settings, options)
        if isinstance(settings, DatabaseSettings)
        else file_job(settings, options)
    )
    every = every_of(settings, options.verb) if options.if_due else 0
    status = work(jobs, settings.records, every)
    if options.verb in JUDGED:
        checks.check(settings)  # what was found is told at once, not when the check looks next
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
