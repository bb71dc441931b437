"""One command at a time changes the lab."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from lab.errors import LabError
from lab.paths import LabPaths


@contextmanager
def exclusive(paths: LabPaths) -> Iterator[None]:
    """Hold the lab for this process; the kernel lets go of it when the process ends, however it ends.

    The lock is on the lab's directory itself, so it leaves nothing behind when the directory goes.
    Raises LabError when another process holds it.
    """
    while True:
        paths.root.mkdir(parents=True, exist_ok=True)
        directory = os.open(paths.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(directory)
            raise LabError(
                f"another omi command is at work on the lab in {paths.root}", "wait until it has finished"
            ) from None
        # A `reset` may have removed the directory between our opening and our locking it.
        if _is_at(directory, paths):
            break
        os.close(directory)
    try:
        yield
    finally:
        os.close(directory)


def _is_at(directory: int, paths: LabPaths) -> bool:
    return paths.root.exists() and os.path.samestat(os.fstat(directory), paths.root.stat())
