"""A drill's programs on the cities' terminals: put there, started with their orders, ended with their input."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from omi.drill.reach import Lab

PLACE = "/var/lib/omi-drill"
"""On a terminal: the programs, and what they keep."""


def push(lab: Lab, host: str, name: str, program: Path) -> None:
    """Put a program onto a terminal, as ``name``."""
    lab.on(host, f"mkdir -p {PLACE} && cat > {PLACE}/{name}", program.read_text())


def start(lab: Lab, host: str, words: str, orders: str, errors: int) -> subprocess.Popen[str]:
    """Start a program that was pushed: its name and arguments (``words``), and its first line of input.

    It ends when its input does, so also when we die. ``errors``: what becomes of its standard error
    (subprocess.PIPE, subprocess.DEVNULL).
    """
    process = subprocess.Popen(
        lab.command(host, f"exec python3 {PLACE}/{words}"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )
    if process.stdin:
        process.stdin.write(orders + "\n")
        process.stdin.flush()
    return process


def end(processes: Iterable[subprocess.Popen[str]], seconds: float) -> float:
    """End them all; one that takes longer is killed. The moment (monotonic) at which the last of them was told to."""
    known = list(processes)
    for process in known:
        if process.stdin:
            process.stdin.close()
    told = time.monotonic()
    for process in known:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return told
