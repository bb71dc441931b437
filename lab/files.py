"""Files that are either whole or not there."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(file: Path, content: str, mode: int = 0o644) -> None:
    """Write `content` beside `file` and move it into place: a kill leaves the old file or the new one.

    The parent directory is made if need be. Not even for a moment has the file a wider mode than `mode`.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as new:
        new.write(content)
        new.flush()
        os.fsync(new.fileno())
    beside.chmod(mode)
    beside.replace(file)


def has_content(file: Path, content: str) -> bool:
    """Whether `file` is there with just this content."""
    return file.is_file() and file.read_text(encoding="utf-8") == content
