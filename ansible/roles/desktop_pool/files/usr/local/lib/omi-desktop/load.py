"""How much room a session host has, as its brokers understand it (HAProxy's agent-check)."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

SMOOTHED = 10.0
"""Seconds over which the processors' use is smoothed: a sign-in alone takes a few."""


@dataclass(frozen=True)
class Load:
    """A host at one moment. Shares are from 0 to 1."""

    sessions: int
    places: int
    memory_left: float
    processors_busy: float
    drained: bool
    """Nobody new is to come."""
    closed: bool
    """Nobody at all is to come: whoever is cut off gets the desktop elsewhere."""
    serves: bool
    """Whether it takes connections at all."""


def weight(load: Load) -> int:
    """Percent of a host's normal share of new sessions: as much as of its scarcest means is left. At least 1."""
    seats = 1 - load.sessions / load.places
    room = min(seats, load.memory_left, 1 - load.processors_busy)
    return max(1, round(100 * room))


def answer(load: Load) -> str:
    """What the brokers are told. Drained, a host keeps those who have a desktop there and takes nobody new."""
    if not load.serves:
        return "down#nothing listens\n"
    if load.closed or (load.drained and not load.sessions):
        return "maint\n"  # HAProxy sends even those elsewhere whom it remembers to have been here
    if load.drained or load.sessions >= load.places:
        return "up drain\n"
    return f"up ready {weight(load)}%\n"


def metrics(load: Load) -> str:
    """For the exporter's folder of text files."""
    values = {
        "sessions": load.sessions,
        "places": load.places,
        "drained": int(load.drained),
        "serves": int(load.serves),
        "weight_percent": weight(load),
    }
    return "".join(f"omi_desktop_{name} {value}\n" for name, value in values.items())


def memory_left(root: Path = Path("/")) -> float:
    """The share of the memory that is free: of this host's limit where it has one, else of the machine's."""
    try:
        limit = (root / "sys/fs/cgroup/memory.max").read_text().strip()
        if limit != "max":
            used = int((root / "sys/fs/cgroup/memory.current").read_text())
            return max(0.0, 1 - used / int(limit))
    except FileNotFoundError:
        pass
    lines = (line.split() for line in (root / "proc/meminfo").read_text().splitlines())
    sizes = {words[0].rstrip(":"): int(words[1]) for words in lines}
    return sizes["MemAvailable"] / sizes["MemTotal"]


def processor_seconds(root: Path = Path("/proc")) -> float:
    """Seconds that the processes of this host have computed, with those that they have waited for.

    Not the machine's own count: in a container that is everybody's. A process that nobody waited for takes its time
    along, so that the sum may also fall.
    """
    ticks = 0
    for entry in root.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it has ended meanwhile
                ticks += sum(map(int, (entry / "stat").read_text().rsplit(")", 1)[1].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


class Processors:
    """How busy this host keeps its processors: its own share of them, whoever else is on the machine."""

    def __init__(self, cores: int) -> None:
        self.cores = cores
        self.busy = 0.0
        self.at, self.seconds = 0.0, 0.0

    def look(self, now: float, seconds: float) -> None:
        """Take note of ``seconds`` computed by the moment ``now``; the last SMOOTHED seconds count."""
        if self.at and now > self.at:
            share = max(0.0, seconds - self.seconds) / (now - self.at) / self.cores
            weight = min(1.0, (now - self.at) / SMOOTHED)
            self.busy = min(1.0, self.busy + weight * (share - self.busy))
        self.at, self.seconds = now, seconds


def listening(root: Path = Path("/")) -> set[int]:
    """The TCP ports at which something listens. Looked up, not tried: each try would be a sign-in that fails."""
    tables = [root / "proc/net/tcp", root / "proc/net/tcp6"]
    lines = (
        line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]
    )
    return {int(words[1].rpartition(":")[2], 16) for words in lines if words[3] == "0A"}
