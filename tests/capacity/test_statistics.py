"""Intervals: what they hold, and how often."""

from __future__ import annotations

import math

import numpy as np
import pytest

from capacity.figures import percentile, worst_p95
from capacity.statistics import interval


def test_the_interval_of_five_values_is_students() -> None:
    found = interval([1.0, 2.0, 3.0, 4.0, 5.0])
    half = 2.776445105 * math.sqrt(2.5 / 5)
    assert found == pytest.approx((3.0, 3.0 - half, 3.0 + half))


def test_95_in_100_intervals_hold_the_mean() -> None:
    rng = np.random.default_rng(4)
    held = [found.low <= 10 <= found.high for found in map(interval, rng.normal(10, 3, (4000, 5)).tolist())]
    assert np.mean(held) == pytest.approx(0.95, abs=0.012)


def test_what_never_ends_once_never_ends_on_average() -> None:
    assert interval([1.0, math.inf]) == (math.inf, math.inf, math.inf)
    with pytest.raises(ValueError, match="needs values"):
        interval([])


def test_one_value_alone_leaves_everything_open() -> None:
    assert interval([2.0]) == (2.0, -math.inf, math.inf)


def test_the_95th_percentile_is_the_time_within_which_95_of_100_are_done() -> None:
    assert percentile(np.arange(1.0, 101.0)) == 95.0
    assert percentile(np.array([1.0] * 94 + [math.inf] * 6)) == math.inf
    assert percentile(np.array([1.0] * 95 + [math.inf] * 5)) == 1.0


def test_the_slowest_city_counts_and_small_ones_count_together() -> None:
    groups = np.array([0] * 1000 + [1] * 250 + [2] * 100 + [3] * 100)
    durations = np.where(groups == 1, 5.0, np.where(groups == 2, 9.0, 1.0))
    assert worst_p95(durations, groups) == 9.0
    assert worst_p95(np.where(groups == 2, 1.0, durations), groups) == 5.0
    assert worst_p95(np.zeros(0), np.zeros(0, dtype=np.int64)) == 0.0
