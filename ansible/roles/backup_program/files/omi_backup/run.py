"""Other programs, started as the user that owns what they touch."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from typing import Any


class FailedError(Exception):
    """A program ended badly; the text is the last that it said."""


def run(
    command: Sequence[str], user: str | None = None, seconds: float = 3600, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` as ``user`` (if we are root), in a clean environment, and return how it ended.

    Raises FailedError if it cannot be started or takes longer than ``seconds``.
    """
    known = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", **environment}
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            env=known,
            cwd="/",
            timeout=seconds,
            check=False,
            **identity(user),
        )
    except subprocess.TimeoutExpired as error:
        raise FailedError(f"{command[0]}: not done after {seconds:.0f} s") from error
    except OSError as error:
        raise FailedError(f"{command[0]}: {error.strerror}") from error


def must(command: Sequence[str], user: str | None = None, seconds: float = 3600, **environment: str) -> str:
    """What ``command`` prints. Raises FailedError if it does not end with status 0."""
    return printed(run(command, user, seconds, **environment))


def printed(done: subprocess.CompletedProcess[str]) -> str:
    """What a program printed. Raises FailedError if it did not end with status 0."""
    if done.returncode:
        raise FailedError(f"{done.args[0]} ended with {done.returncode}: {last_words(done)}")
    return done.stdout


def last_words(done: subprocess.CompletedProcess[str]) -> str:
    """The end of what a program said, for a message: errors first, at most 300 characters."""
    lines = [line for line in (done.stderr + "\n" + done.stdout).splitlines() if line.strip()]
    told = [line for line in lines if "ERROR" in line or "FATAL" in line or "Fatal" in line] or lines[-3:]
    return " | ".join(line.strip() for line in told)[:300]


def identity(user: str | None) -> dict[str, Any]:
    """Arguments of subprocess that make a child ``user``; none where we are not root."""
    if user is None or os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(user)
    groups = os.getgrouplist(user, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}
