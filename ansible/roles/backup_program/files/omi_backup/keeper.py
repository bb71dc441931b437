"""What was archived stays archived: each file gets a second name where its sender cannot reach it.

A database's host must be able to write to the archive, and pgBackRest's protocol lets who may write also remove. So
every file that has arrived is linked into a folder of root's and made root's own, unchangeable for whoever runs
the repository's server. A file that goes from the archive while a backup still needs it is missed, and can be put
back. It costs no space: both names are one file.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
from pathlib import Path

from omi_backup.repository import Backup
from omi_backup.settings import DatabaseSettings
from omi_backup.wal import segment

CHECKSUM = re.compile(r"-[0-9a-f]{40}(?:\.\w+)?$")
"""At the end of a segment's name in the archive."""


def archive_files(folder: Path) -> set[Path]:
    """Every finished file below ``folder``, as paths relative to it. pgBackRest writes under names in .tmp."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder) for path in found if not path.name.endswith(".tmp")}


def keep(settings: DatabaseSettings) -> int:
    """Seal whatever has arrived. Returns how many files were new."""
    archive, sealed = settings.repository / "archive", settings.sealed
    group = pwd.getpwnam(settings.user).pw_gid
    fresh = archive_files(archive) - (archive_files(sealed) if sealed.exists() else set())
    for name in sorted(fresh):
        (sealed / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if name.name.startswith(
            "archive.info"
        ):  # pgBackRest rewrites it in place of the old one: a copy, not a link
            shutil.copy2(archive / name, sealed / name)
            continue
        os.link(archive / name, sealed / name, follow_symlinks=False)
        os.chown(sealed / name, 0, group)
        (sealed / name).chmod(0o440)
    return len(fresh)


def missed(settings: DatabaseSettings, held: list[Backup]) -> set[Path]:
    """Files that have gone from the archive, or been replaced there, while some backup may need them.

    What is older than every backup's beginning has expired: its second name goes as well.
    """
    archive, sealed = settings.repository / "archive", settings.sealed
    gone = {name for name in archive_files(sealed) if not same(archive / name, sealed / name)}
    expired = {name for name in gone if is_expired(name, held)}
    for name in expired:
        (sealed / name).unlink()
    return gone - expired


def same(one: Path, other: Path) -> bool:
    """Whether both names are one file.

    Files whose names bear no checksum (histories, notes on backups, archive.info) need only be there: each new
    primary sends them once more, and pgBackRest writes them anew, encrypted with other salt.
    """
    if not CHECKSUM.search(one.name):
        return one.exists()
    return one.exists() and one.samefile(other)


def is_expired(name: Path, held: list[Backup]) -> bool:
    """Whether no backup in ``held`` can need the archive's file ``name``. With no backup nothing has expired."""
    if len(name.parts) < 3 or not held:
        return False
    archive = name.parts[1]
    firsts = [segment(backup.first_segment) for backup in held if backup.archive == archive]
    if not firsts:
        return generation(archive) < min(generation(backup.archive) for backup in held)
    if match := re.match(r"[0-9A-F]{24}", name.name):
        return segment(match[0]).number < min(first.number for first in firsts)
    if match := re.match(r"([0-9A-F]{8})\.history", name.name):
        return int(match[1], 16) < min(first.timeline for first in firsts)
    return False


def generation(archive: str) -> int:
    """The second part of an archive's name such as 15-1: it grows when the cluster is made anew."""
    return int(archive.rpartition("-")[2] or 0)


def put_back(settings: DatabaseSettings, held: list[Backup]) -> int:
    """Give every missed file its name in the archive again. Returns how many."""
    lost = missed(settings, held)
    archive, sealed = settings.repository / "archive", settings.sealed
    for name in sorted(lost):
        (archive / name).parent.mkdir(parents=True, exist_ok=True)
        (archive / name).unlink(missing_ok=True)
        if name.name.startswith("archive.info"):
            shutil.copy2(sealed / name, archive / name)
            shutil.chown(archive / name, settings.user, settings.user)
        else:
            os.link(sealed / name, archive / name)
    for folder in {(archive / name).parent for name in lost}:
        shutil.chown(folder, settings.user, settings.user)
    return len(lost)
