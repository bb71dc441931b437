"""Files, written so that they are still there after a crash. ``step`` is told before and after each effect."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from omi_print.manifest import Content

PIECE = 1024 * 1024
"""Bytes read at a time."""
Step = Callable[[str], None]


def unwatched(_: str) -> None:
    """Nobody is told."""


class Disk:
    """A folder of files, by name."""

    def __init__(self, folder: Path, step: Step = unwatched) -> None:
        self.folder, self._step = folder, step
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Where ``name`` is."""
        return self.folder / name

    def size(self, name: str) -> int:
        """Bytes that are there; 0 where there is no file."""
        path = self.path(name)
        return path.stat().st_size if path.exists() else 0

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Nobody else has ``name`` meanwhile, in any process (nor a sixteenth of the others)."""
        with self.path(f".lock-{name[-1]}").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def append(self, name: str, content: bytes) -> None:
        """Add to the end of a file, or begin one."""
        self._step(f"append {name}")
        with self.path(name).open("ab") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self._sync_folder()
        self._step(f"appended {name}")

    def place(self, new: str, name: str) -> None:
        """Give the finished file ``new`` its name; what was called so is gone."""
        self._step(f"place {name}")
        with self.path(new).open("rb") as file:
            os.fsync(file.fileno())
        self.path(new).replace(self.path(name))
        self._sync_folder()
        self._step(f"placed {name}")

    def remove(self, name: str) -> None:
        """No file of that name, from now on."""
        self._step(f"remove {name}")
        self.path(name).unlink(missing_ok=True)
        self._sync_folder()
        self._step(f"removed {name}")

    def names(self) -> list[str]:
        """The files that are there."""
        return sorted(path.name for path in self.folder.iterdir() if not path.name.startswith("."))

    def _sync_folder(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def content(path: Path) -> Content:
    """A file's digest and length; of one that is not there, no digest and 0."""
    if not path.is_file():
        return Content("", 0)
    with path.open("rb") as file:
        return Content(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def lines(path: Path) -> int:
    """Ended lines in a file: notices of a batch. -1 where the last one has no end."""
    count, last = 0, b"\n"
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(PIECE), b""):
            count, last = count + piece.count(b"\n"), piece[-1:]
    return count if last == b"\n" else -1
