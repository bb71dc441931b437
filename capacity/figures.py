"""What one run of the model yields, and how figures are read off many waiting times."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capacity.arrivals import Floats

SMALLEST_GROUP = 200
"""People. Of fewer, the slowest five in a hundred are chance; cities with fewer are looked at together."""
SLOW = 95


class Figures(NamedTuple):
    """One run's figures, each to be compared with the promise of the same name; seconds, shares of 1."""

    sign_in_p95: float
    sign_in_refused: float
    transaction_p95: float
    replication_lag: float
    backup_done_within: float
    outage: float


def worst_p95(durations: Floats, groups: NDArray[np.int64]) -> float:
    """The highest 95th percentile of any group; small groups count as one. 0 if there is nothing.

    durations (F,)  s, inf for what never ends
    groups    (F,)  0 or more
    """
    if len(durations) == 0:
        return 0.0
    sizes = np.bincount(groups)
    merged = np.where(sizes[groups] < SMALLEST_GROUP, len(sizes), groups)
    order = np.argsort(merged, kind="stable")  # one pass for all groups, of which the country has hundreds
    ends = np.flatnonzero(np.diff(merged[order])) + 1
    return max(percentile(group) for group in np.split(durations[order], ends))


def percentile(durations: Floats) -> float:
    """The least time within which 95 of 100 are done, s; inf if fewer ever are."""
    ordered = np.sort(durations)
    return float(ordered[int(np.ceil(len(ordered) * SLOW / 100)) - 1])
