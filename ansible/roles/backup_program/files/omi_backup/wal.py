"""Names of log segments (WAL), and what is missing among them. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

SEGMENT = re.compile(r"[0-9A-F]{24}")
PER_FILE = 0x100
"""Segments of 16 MiB in a log file of 4 GiB: what the third part of a name counts to."""


class Segment(NamedTuple):
    """A segment's place: its timeline, and its number in the log from the very beginning."""

    timeline: int
    number: int

    @property
    def name(self) -> str:
        """As PostgreSQL names it."""
        return f"{self.timeline:08X}{self.number // PER_FILE:08X}{self.number % PER_FILE:08X}"


def segment(name: str) -> Segment:
    """The place of the segment called ``name``. Raises ValueError for any other file's name."""
    if not SEGMENT.fullmatch(name):
        raise ValueError(f"{name!r} is no segment")
    return Segment(int(name[:8], 16), int(name[8:16], 16) * PER_FILE + int(name[16:], 16))


def gaps(archived: Iterable[str], since: str) -> list[str]:
    """What is missing from ``since`` (a segment's name) on, as ``first..last``; up to the newest that is there.

    The next timeline repeats the segment in which it left the last one, so it may begin anywhere up to one segment
    after the last one's end; beyond that something is missing.
    """
    start = segment(since)
    numbers: dict[int, set[int]] = defaultdict(set)
    for name in archived:
        place = segment(name)
        if place.timeline >= start.timeline and (place.number >= start.number):
            numbers[place.timeline].add(place.number)
    missing: list[str] = []
    awaited = start.number
    for timeline in sorted({start.timeline, *numbers}):
        held = sorted(numbers[timeline])
        if held and held[0] < awaited:
            awaited = held[0]
        for number in held:
            if number > awaited:
                first, last = Segment(timeline, awaited), Segment(timeline, number - 1)
                missing.append(first.name if first == last else f"{first.name}..{last.name}")
            awaited = number + 1
        if not held:
            missing.append(Segment(timeline, awaited).name)
    return missing
