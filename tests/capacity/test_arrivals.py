"""Arrivals: how many, when, and that variants of a day differ only in what was meant."""

from __future__ import annotations

import numpy as np
import pytest

from capacity.arrivals import bell, steady


def test_of_a_bell_95_in_100_lie_within_its_width() -> None:
    times = bell(np.random.default_rng(1), 100_000, 3600.0, 600.0)
    assert len(times) == pytest.approx(100_000, rel=0.02)
    assert np.mean(np.abs(times - 3600.0) <= 300.0) == pytest.approx(0.9545, abs=0.004)
    assert (np.diff(times) >= 0).all()


def test_a_narrower_bell_brings_the_same_people_closer_together() -> None:
    wide, narrow = (bell(np.random.default_rng(5), 500, 0.0, width) for width in (1800.0, 300.0))
    assert narrow == pytest.approx(wide / 6)


def test_a_steady_process_has_poisson_counts_in_equal_spans() -> None:
    times = steady(np.random.default_rng(2), 50.0, 100.0, 2000.0)
    counts = np.histogram(times, bins=2000, range=(100.0, 2100.0))[0]
    assert counts.sum() == len(times)
    assert counts.mean() == pytest.approx(50.0, rel=0.02)
    assert counts.var() / counts.mean() == pytest.approx(1.0, abs=0.15)
