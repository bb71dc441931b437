"""When links change, and when it becomes known that one is down or up again. Pure."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from capacity.network.state import CHANGE, Floats, Ints, Records

CAPACITY, DOWN, UP = 0, 1, 2


def timeline(capacity: Floats, at: Floats, link: Ints, to: Floats, detection_s: float) -> Records:
    """Changes (``at`` s, ``link``, ``to`` bit/s) and what is noticed of them, in order of time.

    A link is known to be down once it has had no capacity for ``detection_s`` without a break, and known to
    be up once it has had some for as long: what is shorter is not noticed. Of changes of one link at one
    instant, the last given stands.
    """
    states: dict[int, list[tuple[float, bool]]] = {}
    for number in [*np.flatnonzero(capacity == 0).tolist(), *link.tolist()]:
        states[number] = [(0.0, bool(capacity[number] > 0))]
    events: list[tuple[float, int, int, float]] = []
    for i in np.argsort(at, kind="stable"):
        states[int(link[i])].append((float(at[i]), bool(to[i] > 0)))
        events.append((float(at[i]), CAPACITY, int(link[i]), float(to[i])))
    for number, history in states.items():
        events += [(t, UP if up else DOWN, number, 0.0) for t, up in notices(history, detection_s)]
    # Of one instant, changes come before what is noticed, and otherwise stay in the order given.
    events.sort(key=lambda event: (event[0], event[1] != CAPACITY))
    records = np.zeros(len(events), dtype=CHANGE)
    records[:] = [(t, number, to_bps, kind) for t, kind, number, to_bps in events]
    return records


def notices(states: list[tuple[float, bool]], detection_s: float) -> list[tuple[float, bool]]:
    """When which state (True: up) is noticed, of a link taken to be up before its first (time, state)."""
    runs: list[tuple[float, bool]] = []
    for at, up in states:
        if runs and runs[-1][0] == at:
            runs.pop()
        if not runs or runs[-1][1] != up:
            runs.append((at, up))
    ends = [(at, up, until) for (at, up), (until, _) in pairwise([*runs, (np.inf, True)])]
    known, result = True, []
    for at, up, until in ends:
        if up != known and until - at >= detection_s:
            known = up
            result.append((at + detection_s, up))
    return result
