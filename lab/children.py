"""The long programs that run now, so that all can be ended when one stage fails or the user interrupts."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from lab.errors import LabError


@dataclass(eq=False)
class Child:
    """A program that runs, and the signals it has been sent."""

    process: subprocess.Popen[str]
    command: Sequence[str]
    sent: set[signal.Signals] = field(default_factory=set)


# What starts a program that dies with us: it lets no other signal through than SIGKILL.
DYING_WITH_US = ("setpriv", "--pdeathsig", "KILL")
# At a terminal, Ctrl-C has reached every program already; one that is at the end of its work is left to it.
GRACE_SECONDS = 2.0
TIMEOUT_SECONDS = 30.0

_lock = threading.Lock()
_running: list[Child] = []


class EndedError(LabError):
    """A program was ended because another stage failed or the user interrupted."""


@contextmanager
def listed(process: subprocess.Popen[str], command: Sequence[str]) -> Iterator[None]:
    """List `process`, which runs `command`, as one for `end`. Raises EndedError at exit if it was ended."""
    child = Child(process, command)
    with _lock:
        _running.append(child)
    try:
        yield
    finally:
        with _lock:
            _running.remove(child)
    if child.sent:
        raise EndedError(
            f"`{command[0]}` was ended", "see why another stage failed, then run `omi lab up` again"
        )


def end(seconds: float) -> None:
    """Send each listed program the signal that is due `seconds` after the first call, each signal once."""
    with _lock:
        for child in _running:
            due = due_signal(child.command, seconds)
            if due and due not in child.sent:
                child.sent.add(due)
                child.process.send_signal(due)


def due_signal(command: Sequence[str], seconds: float) -> signal.Signals | None:
    """The signal by which `command` is to be ended, `seconds` after it was decided; None while it is left alone.

    What dies with us may be killed at any point. Others are asked, and killed if they do not listen.
    """
    if tuple(command[:3]) == DYING_WITH_US or seconds >= TIMEOUT_SECONDS:
        return signal.SIGKILL
    return signal.SIGTERM if seconds >= GRACE_SECONDS else None
