"""What the journal gains, line by line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable


def follow(identifier: str, since: str, note: Callable[[str], None]) -> None:
    """Pass each line (short-unix) of ``identifier`` to ``note``, from ``since`` on. It ends only with the journal."""
    command = [
        "journalctl",
        "--follow",
        f"--since={since}",
        f"--identifier={identifier}",
        "--output=short-unix",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as journal:
        for line in journal.stdout or ():
            note(line)
