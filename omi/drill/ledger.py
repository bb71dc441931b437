"""The acknowledged-write ledger: what each city was told is kept, held against what is found afterwards. Pure.

Times are seconds of the machine's monotonic clock, which all of the lab's hosts share.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Event = Literal["sent", "acked", "refused", "unknown"]
Row = tuple[int, int]
"""A row that was found: its number, and the attempt that wrote it."""
Stretch = tuple[float, float]
"""From one acknowledgement to the next."""

SERVED = 1.0
"""Seconds. A city is served once no silence longer than this follows."""


@dataclass(frozen=True)
class Entry:
    """One event of a city's client (omi/drill/client.py says what each means)."""

    event: Event
    number: int
    attempt: int
    at: float
    why: str = ""
    wall: float = 0.0
    """The same moment in Unix time, in which databases date their commits."""


@dataclass(frozen=True)
class CityLedger:
    """A city's events, and the rows that were found in its database afterwards."""

    entries: list[Entry]
    rows: list[Row]


@dataclass(frozen=True)
class Window:
    """From the fault, over the beginning of its repair, until everything was well again."""

    start: float
    end: float
    repair: float = math.inf
    """A silence that begins before this is the fault's; one that begins later is the price of the repair."""


@dataclass(frozen=True)
class Outcome:
    """What became of one city's rows."""

    acknowledged: int
    lost: tuple[int, ...]
    """Numbers that were acknowledged and are not there, by any attempt."""
    doubled: int
    """Rows found beyond one a number: written twice by the system, whatever was acknowledged."""
    invented: int
    """Rows found that were never sent."""
    unknown: int
    """Numbers without an acknowledgement that were sent: they may be there or not."""
    arrived: int
    """Of those, the ones that are there."""


def read(text: str) -> list[Entry]:
    """A client's file as entries. A last line that a kill cut short is left out: it was not on disk."""
    entries = []
    for line in text.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        entries.append(
            Entry(
                record["event"],
                record["number"],
                record["attempt"],
                record["at"],
                record["why"],
                record["wall"],
            )
        )
    return entries


def acknowledgements(entries: Iterable[Entry]) -> dict[int, float]:
    """Number of each acknowledged row to when that was."""
    return {entry.number: entry.at for entry in entries if entry.event == "acked"}


def settle(entries: Sequence[Entry], rows: Iterable[Row]) -> Outcome:
    """Look for every acknowledged row among those found."""
    acknowledged = acknowledgements(entries).keys()
    sent = {entry.number for entry in entries if entry.event == "sent"}
    found = Counter(number for number, _ in rows)
    open_ = sent - acknowledged
    return Outcome(
        acknowledged=len(acknowledged),
        lost=tuple(sorted(acknowledged - found.keys())),
        doubled=found.total() - len(found),
        invented=len(found.keys() - sent),
        unknown=len(open_),
        arrived=len(open_ & found.keys()),
    )


def differing(entries: Iterable[Entry], rows: Iterable[Row], moment: float) -> int:
    """How many rows of a copy as of ``moment`` (Unix time) are not as they must be.

    What was acknowledged by then must be there, once; what was sent only later must not. What was sent by then and
    acknowledged later, or never, may be there or not.
    """
    events = list(entries)
    must = {entry.number for entry in events if entry.event == "acked" and entry.wall <= moment}
    may = {entry.number for entry in events if entry.event == "sent" and entry.wall <= moment}
    found = Counter(number for number, _ in rows)
    return len(must - found.keys()) + len(found.keys() - may) + found.total() - len(found)


def silences(entries: Iterable[Entry], window: Window, until: float) -> list[Stretch]:
    """Each stretch between two acknowledgements that touches the window, as (from, to).

    ``until``: when the client was stopped; it ends the last stretch, and the window begins the first one of a
    client that was never acknowledged anything.
    """
    times = sorted(acknowledgements(entries).values())
    stretches = itertools.pairwise([*(times or [window.start]), max([until, *times[-1:]])])
    return [(before, after) for before, after in stretches if after >= window.start and before <= window.end]


def longest_silence(entries: Iterable[Entry], window: Window, until: float) -> float:
    """Seconds; 0 where no stretch touches the window."""
    return longest(silences(entries, window, until))


def longest_of_repair(entries: Iterable[Entry], window: Window, until: float) -> float:
    """Seconds; 0 where no stretch in the window begins with the repair."""
    return longest(one for one in silences(entries, window, until) if one[0] >= window.repair)


def longest(stretches: Iterable[Stretch]) -> float:
    """Seconds; 0 where there is none."""
    return max((after - before for before, after in stretches), default=0.0)


def served_again(
    entries: Sequence[Entry], window: Window, until: float, moment: float | None = None
) -> float | None:
    """Seconds from ``moment`` (by default the window's start) until the city was served for good.

    That is the end of the last silence of the fault's that was longer than SERVED; 0 where there is none. None: in
    the end it was not served, whosever the last silence is: only the client's own end ended it.
    """
    last = max(acknowledgements(entries).values(), default=-math.inf)
    broken = [one for one in silences(entries, window, until) if one[1] - one[0] > SERVED]
    if broken and broken[-1][1] > last:
        return None
    ends = [after for before, after in broken if before < window.repair]
    if not ends:
        return 0.0
    return max(0.0, ends[-1] - (window.start if moment is None else moment))


def lost_span(entries: Iterable[Entry], lost: Iterable[int], fault: float) -> float:
    """How far before the fault the oldest lost row was acknowledged, in seconds; 0 where none was lost."""
    times = acknowledgements(entries)
    return max((max(0.0, fault - times[number]) for number in lost), default=0.0)
