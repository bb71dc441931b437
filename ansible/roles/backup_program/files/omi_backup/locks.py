"""restic's locks: sending and verifying shut each other out, and whoever comes second waits."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

Done = subprocess.CompletedProcess[str]

LOCKED = "the `unlock` command can be used to remove stale locks"
"""What restic says when somebody else holds the repository; its exit status is that of any fault."""
PATIENCE = 2100.0
"""Seconds: restic takes a lock that nobody has refreshed for 30 minutes for one whose holder has died."""
PAUSE = 3.0


def when_free(
    start: Callable[[], Done],
    drop_stale: Callable[[], object],
    patience: float = PATIENCE,
    pause: float = PAUSE,
) -> Done:
    """How ``start`` ended, begun again every ``pause`` seconds while the repository is held by another.

    ``drop_stale`` removes locks of the dead and no others (`restic unlock`). After ``patience`` seconds the refusal
    is the answer.
    """
    deadline = time.monotonic() + patience
    while LOCKED in (done := start()).stderr and done.returncode and time.monotonic() < deadline:
        drop_stale()
        time.sleep(pause)
    return done
