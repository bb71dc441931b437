"""A person's home on a session host: made at sign-in, packed by the person's own rights, gone after sign-out."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

LEFT_BEHIND = (".cache", ".Xauthority", ".xorgxrdp*", ".xsession-errors*", ".dbus")
"""What is made anew at each sign-in and does not follow its person."""
PACKING = 120
"""Seconds that packing or unpacking may take."""
PARTING = 3.0
"""Seconds for a desktop's programs to end by themselves."""


@dataclass(frozen=True)
class Account:
    """A person on this host."""

    uid: int
    gid: int
    home: Path


def make(account: Account) -> None:
    """An empty home that only its person can look into. What was there is thrown away."""
    remove(account)
    account.home.mkdir(mode=0o700)
    os.chown(account.home, account.uid, account.gid)


def remove(account: Account) -> None:
    """Nothing of the person stays."""
    if account.home.exists():
        shutil.rmtree(account.home)


def unpack(account: Account, archive: bytes) -> None:
    """Fill the home. By the person's rights: an archive cannot reach what the person cannot.

    Raises subprocess.CalledProcessError for what is no archive.
    """
    if archive:
        words = ["tar", "--extract", "--zstd", "--no-same-owner", f"--directory={account.home}"]
        _as_person(account, words, archive)


def pack(account: Account) -> bytes:
    """The home as an archive; the same content gives the same bytes."""
    excluded = [f"--exclude=./{pattern}" for pattern in LEFT_BEHIND]
    words = [
        "tar",
        "--create",
        "--zstd",
        "--sort=name",
        "--warning=no-file-changed",
        f"--directory={account.home}",
    ]
    return _as_person(account, [*words, *excluded, "."], b"", allowed=(0, 1))


def _as_person(account: Account, words: list[str], given: bytes, allowed: tuple[int, ...] = (0,)) -> bytes:
    done = subprocess.run(
        words,
        input=given,
        capture_output=True,
        check=False,
        timeout=PACKING,
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        umask=0o077,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        cwd="/",
    )
    if done.returncode not in allowed:  # 1: a file changed while it was read; the next copy has it
        raise subprocess.CalledProcessError(done.returncode, words, done.stdout, done.stderr)
    return done.stdout


def processes(root: Path = Path("/proc")) -> dict[int, dict[int, str]]:
    """Of each user the processes: number and name. One look at everything that runs."""
    found: dict[int, dict[int, str]] = {}
    for entry in root.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it has ended meanwhile
                found.setdefault(entry.stat().st_uid, {})[int(entry.name)] = (
                    (entry / "comm").read_text().strip()
                )
    return found


def end(account: Account) -> None:
    """End all that the person runs: first by asking."""
    deadline = time.monotonic() + PARTING
    sent = signal.SIGTERM
    while mine := processes().get(account.uid):
        for number in mine:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, sent)
        if time.monotonic() > deadline:
            sent = signal.SIGKILL
        time.sleep(0.2)
