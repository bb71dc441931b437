"""Queues and shared resources against closed forms: each 95% interval is at most 1% wide to either side, and
holds the value that theory gives. No number here was read off a run.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import stdtrit

from capacity.arrivals import Floats
from capacity.queue import admitted, departures
from capacity.sharing import Work, finished

REPLICATIONS = 40
Observation = tuple[float, float, float]
"""What is estimated, and by how much work and arrivals of that replication were off their means."""


def erlang_b(servers: int, load: float) -> float:
    """Share of arrivals lost, by the usual recursion."""
    loss = 1.0
    for server in range(1, servers + 1):
        loss = load * loss / (server + load * loss)
    return loss


def erlang_c(servers: int, load: float) -> float:
    """Share of arrivals that wait."""
    loss = erlang_b(servers, load)
    return servers * loss / (servers - load * (1 - loss))


def estimate(observe: Callable[[np.random.Generator], Observation]) -> tuple[float, float]:
    """Mean and half-width of its 95% interval over independent replications.

    Work and arrivals have known means; regressing on how far a replication was off them takes away the part
    of the variance that they explain (control variates).
    """
    rows = np.array([observe(np.random.default_rng([12, n])) for n in range(REPLICATIONS)])
    varying = rows[:, 1:][:, np.ptp(rows[:, 1:], axis=0) > 1e-9]
    design = np.column_stack([np.ones(REPLICATIONS), varying])
    coefficients, *_ = np.linalg.lstsq(design, rows[:, 0], rcond=None)
    freedom = REPLICATIONS - design.shape[1]
    rest = rows[:, 0] - design @ coefficients
    error = math.sqrt(rest @ rest / freedom * np.linalg.inv(design.T @ design)[0, 0])
    return float(coefficients[0]), float(stdtrit(freedom, 0.975)) * error


def assert_holds(theory: float, found: tuple[float, float]) -> None:
    mean, half = found
    assert half <= 0.01 * theory
    assert mean - half <= theory <= mean + half


def poisson(rng: np.random.Generator, rate: float, count: int) -> Floats:
    return np.cumsum(rng.exponential(1 / rate, count))


def off(work: Floats, arrivals: Floats, rate: float) -> tuple[float, float]:
    """By how much mean work (1) and mean distance of arrivals (1 / rate) were missed."""
    return float(work.mean()) - 1, float(np.diff(arrivals).mean()) * rate - 1


def test_the_recursions_agree_with_the_published_values() -> None:
    assert erlang_b(30, 25) == pytest.approx(0.0526032, abs=1e-7)
    assert erlang_b(15, 10) == pytest.approx(0.0364970, abs=1e-7)
    assert erlang_c(2, 1) == pytest.approx(1 / 3)
    assert erlang_c(3, 2) == pytest.approx(4 / 9)
    assert erlang_c(10, 8) == pytest.approx(0.4091802, abs=1e-7)
    assert erlang_c(100, 90) == pytest.approx(0.2169405, abs=1e-7)


@pytest.mark.parametrize(
    ("servers", "load", "jobs"), [(2, 1, 12_000), (3, 2, 12_000), (10, 8, 20_000), (100, 90, 240_000)]
)
def test_as_many_wait_in_a_queue_as_erlang_c_says(servers: int, load: float, jobs: int) -> None:
    def observe(rng: np.random.Generator) -> Observation:
        arrivals, work = poisson(rng, load, jobs), rng.exponential(size=jobs)
        waits = departures(arrivals, work, servers) - arrivals - work
        settled = slice(jobs // 20, None)
        waited = float((waits[settled] > 1e-9).mean())
        return waited, *off(work[settled], arrivals[settled], load)

    assert_holds(erlang_c(servers, load), estimate(observe))


def test_people_wait_in_a_queue_as_long_as_erlang_c_says() -> None:
    servers, load, jobs = 2, 1.0, 60_000

    def observe(rng: np.random.Generator) -> Observation:
        arrivals, work = poisson(rng, load, jobs), rng.exponential(size=jobs)
        waits = departures(arrivals, work, servers) - arrivals - work
        return float(waits.mean()), *off(work, arrivals, load)

    assert_holds(erlang_c(servers, load) / (servers - load), estimate(observe))


@pytest.mark.parametrize(("places", "load"), [(30, 25.0), (15, 10.0)])
def test_as_many_find_no_place_as_erlang_b_says(places: int, load: float) -> None:
    jobs = 60_000

    def observe(rng: np.random.Generator) -> Observation:
        arrivals, stay = poisson(rng, load, jobs), rng.exponential(size=jobs)
        settled = slice(jobs // 20, None)
        lost = float((~admitted(arrivals, stay, places))[settled].mean())
        return lost, *off(stay[settled], arrivals[settled], load)

    assert_holds(erlang_b(places, load), estimate(observe))


def fixed(rng: np.random.Generator, count: int) -> Floats:
    del rng
    return np.ones(count)


def exponential(rng: np.random.Generator, count: int) -> Floats:
    return rng.exponential(size=count)


def two_kinds(rng: np.random.Generator, count: int) -> Floats:
    """Many small and few large pieces, mean 1, variance 3."""
    return rng.exponential(np.where(rng.random(count) < 0.5, 2.0, 0.0) + 1e-6) / (1 + 1e-6)


@pytest.mark.parametrize("law", [fixed, exponential, two_kinds])
def test_equal_sharing_takes_the_same_mean_time_whatever_the_law_of_sizes(
    law: Callable[[np.random.Generator, int], Floats],
) -> None:
    load, jobs = 0.5, 60_000

    def observe(rng: np.random.Generator) -> Observation:
        arrivals, work = poisson(rng, load, jobs), law(rng, jobs)
        unused = (np.zeros(1), np.zeros(1))
        times = finished(1.0, 0.0, unused, Work(arrivals, work, 1.0)) - arrivals
        return float(times.mean()), *off(work, arrivals, load)

    assert_holds(1 / (1 - load), estimate(observe))


def test_littles_law_holds_in_every_single_run() -> None:
    rng = np.random.default_rng(3)
    arrivals = poisson(rng, 8.0, 5_000)
    left = departures(arrivals, rng.exponential(size=5_000), 10)
    moments = np.sort(np.concatenate([arrivals, left]))
    inside = np.searchsorted(arrivals, moments, side="right") - np.searchsorted(
        np.sort(left), moments, side="right"
    )
    span = moments[-1]
    mean_inside = float((inside[:-1] * np.diff(moments)).sum() / span)
    assert mean_inside == pytest.approx(len(arrivals) / span * float((left - arrivals).mean()), rel=1e-9)
