"""Random traffic on one link is the M/G/1 processor-sharing queue: what is measured must be what theory says.

Each figure is a mean over independent runs; its 95% interval must hold the theoretical value and be no wider
than 1% to either side. The seeds are fixed so that a right solver passes always, not in 95 cases of 100.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from capacity.network import Demand, Network, finish_times

CAPACITY = 1e9
MEAN_BYTES = 5e6
SERVICE_S = 8 * MEAN_BYTES / CAPACITY
LOAD = 0.6
FLOWS = 60_000
WARM = 5_000
RUNS = 40

SIZES = {
    "all the same": lambda _: np.full(FLOWS, MEAN_BYTES),
    "exponential": lambda rng: rng.exponential(MEAN_BYTES, FLOWS),
    "many small, few large": lambda rng: MEAN_BYTES * np.where(rng.random(FLOWS) < 0.9, 0.5, 5.5),
}


def run_once(sizes, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Starts and completions of Poisson arrivals on one link."""
    rng = np.random.default_rng(seed)
    start = np.cumsum(rng.exponential(SERVICE_S / LOAD, FLOWS))
    demand = Demand(start, sizes(rng), np.zeros(FLOWS, dtype=np.int64))
    return start, finish_times(Network([CAPACITY], [0], [0, 1]), demand).finish_s


def assert_within_interval(values: list[float], theory: float) -> None:
    """The 95% interval of the mean holds ``theory``, its half-width being at most 1%."""
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    assert half <= 0.01 * theory
    assert abs(np.mean(values) - theory) <= half


@pytest.mark.parametrize("law", SIZES)
def test_mean_time_in_system_is_that_of_processor_sharing_whatever_the_sizes(law):
    means = []
    for seed in range(RUNS):
        start, finish = run_once(SIZES[law], seed)
        means.append(float(np.mean((finish - start)[WARM:])))
    assert_within_interval(means, SERVICE_S / (1 - LOAD))


def test_the_time_of_a_flow_is_proportional_to_its_size():
    slowdowns = {0.5: [], 5.5: []}
    for seed in range(RUNS):
        rng = np.random.default_rng(seed)
        start = np.cumsum(rng.exponential(SERVICE_S / LOAD, FLOWS))
        factor = np.where(rng.random(FLOWS) < 0.9, 0.5, 5.5)
        demand = Demand(start, MEAN_BYTES * factor, np.zeros(FLOWS, dtype=np.int64))
        time = finish_times(Network([CAPACITY], [0], [0, 1]), demand).finish_s - start
        for size, found in slowdowns.items():
            chosen = (factor == size) & (np.arange(FLOWS) >= WARM)
            found.append(float(np.mean(time[chosen]) / (size * SERVICE_S)))
    for found in slowdowns.values():
        assert_within_interval(found, 1 / (1 - LOAD))


def test_littles_law_holds_to_the_last_flow():
    # Over a whole run, from empty to empty, L = lambda T is an identity: any lost or doubled flow breaks it.
    start, finish = run_once(SIZES["exponential"], 1)
    moments = np.concatenate([start, finish])
    step = np.concatenate([np.ones(FLOWS), -np.ones(FLOWS)])
    order = np.argsort(moments, kind="stable")
    present = np.cumsum(step[order])
    assert present[-1] == 0
    mean_present = np.sum(present[:-1] * np.diff(moments[order])) / np.ptp(moments)
    arrival_rate = FLOWS / np.ptp(moments)
    assert mean_present == pytest.approx(arrival_rate * np.mean(finish - start), rel=1e-9)


def test_the_link_is_busy_as_much_as_it_is_loaded():
    busy = []
    for seed in range(RUNS):
        start, finish = run_once(SIZES["exponential"], seed)
        order = np.argsort(np.concatenate([start, finish]), kind="stable")
        moments = np.concatenate([start, finish])[order]
        present = np.cumsum(np.where(order < FLOWS, 1, -1))
        busy.append(float(np.sum(np.diff(moments)[present[:-1] > 0]) / np.ptp(moments)))
    assert_within_interval(busy, LOAD)
