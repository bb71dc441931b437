"""A certificate's files on its host: written so that nobody ever sees half of one, or a key that is not closed.

The module ``certificate`` and the host's own renewal (role certificate) share this file.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

CLOSED, OPEN = 0o600, 0o644
OWN = (os.geteuid(), os.getegid())
"""Whoever runs this, which is root on a host: the owner of what everybody may read."""
PENDING = ".pending"
"""Stands in a certificate's folder from before its files change until its units have read them."""


class File(NamedTuple):
    """What a file ought to be; ``ids`` are the numbers of owner and group."""

    path: Path
    content: str
    mode: int
    ids: tuple[int, int]


def existing(path: Path) -> str | None:
    """What is in the file; None where there is none."""
    return path.read_text() if path.is_file() else None


def is_stale(file: File) -> bool:
    """Whether content, mode or owner is another."""
    if existing(file.path) != file.content:
        return True
    state = file.path.stat()
    return (state.st_mode & 0o7777, state.st_uid, state.st_gid) != (file.mode, *file.ids)


def write(file: File) -> None:
    """Replace the file at once; at no moment can others read what is closed to them."""
    file.path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.path.parent, prefix=f".{file.path.name}.")
    try:
        with os.fdopen(descriptor, "w") as new:
            new.write(file.content)
            os.fchown(descriptor, *file.ids)
            os.fchmod(descriptor, file.mode)
            new.flush()
            os.fsync(descriptor)
        Path(temporary).replace(file.path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def certificate_files(folder: Path, key: str, certificate: str, ids: tuple[int, int]) -> list[File]:
    """The files that go with one certificate. ``bundle.pem`` is for programs that want both in one."""
    return [
        File(folder / "bundle.pem", key + certificate, CLOSED, ids),
        File(folder / "certificate.pem", certificate, OPEN, OWN),
    ]


def put(folder: Path, files: Sequence[File]) -> list[str]:
    """Write what differs, after noting that it has to take effect. The paths written."""
    stale = [file for file in files if is_stale(file)]
    if stale:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        (folder / PENDING).touch(mode=CLOSED)
    for file in stale:
        write(file)
    return [str(file.path) for file in stale]


def take_effect(folder: Path, units: Sequence[str]) -> list[str]:
    """Have ``units`` read the files, if these are new to them; the units that did not.

    Those that do not run are left alone. What a run that was cut short has left is made good here.
    """
    note = folder / PENDING
    if not note.exists():
        return []
    failed = [
        u for u in units if subprocess.run(["systemctl", "try-reload-or-restart", u], check=False).returncode
    ]
    if not failed:
        note.unlink()
    return failed
