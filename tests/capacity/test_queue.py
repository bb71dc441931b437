"""Queues: who is served when, and who finds a place."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.queue import admitted, departures, nobody_waits

amounts = st.floats(0, 10, allow_nan=False)


def test_two_servers_take_four_jobs_in_turn() -> None:
    arrivals = np.array([0.0, 1.0, 2.0, 3.0])
    work = np.array([5.0, 3.0, 1.0, 1.0])
    assert departures(arrivals, work, 2).tolist() == [5.0, 4.0, 5.0, 6.0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(amounts, amounts), max_size=40), st.integers(1, 5))
def test_busy_servers_give_the_times_of_a_process_a_job_with_a_resource(
    jobs: list[tuple[float, float]], servers: int
) -> None:
    arrivals = np.array(sorted(arrival for arrival, _ in jobs))
    work = np.array([work for _, work in jobs])
    assert departures(arrivals, work, servers) == pytest.approx(by_resource(arrivals, work, servers))


def test_a_queue_in_which_nobody_waits_is_known_from_the_times_alone() -> None:
    arrivals, work = np.array([0.0, 1.0, 5.0]), np.array([5.0, 3.0, 1.0])
    assert nobody_waits(arrivals, work, 2), "one leaves as the third comes"
    assert departures(arrivals, work, 2).tolist() == [5.0, 4.0, 6.0]
    assert not nobody_waits(arrivals, work, 1)
    assert not nobody_waits(np.zeros(2), np.array([5.0, 0.0]), 1), "the second waits for the first"
    assert nobody_waits(np.zeros(0), np.zeros(0), 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(amounts, amounts), max_size=12), st.integers(1, 8))
def test_nobody_waits_only_where_each_is_done_its_work_after_it_came(
    jobs: list[tuple[float, float]], servers: int
) -> None:
    arrivals = np.array(sorted(arrival for arrival, _ in jobs))
    work = np.array([work for _, work in jobs])
    if nobody_waits(arrivals, work, servers):
        assert by_resource(arrivals, work, servers) == pytest.approx(arrivals + work)


def by_resource(arrivals: np.ndarray, work: np.ndarray, servers: int) -> np.ndarray:
    environment = simpy.Environment()
    resource = simpy.Resource(environment, servers)
    done = np.zeros(len(arrivals))

    def job(number: int) -> Generator[simpy.Event, None, None]:
        yield environment.timeout(arrivals[number])
        with resource.request() as turn:
            yield turn
            yield environment.timeout(work[number])
        done[number] = environment.now

    for number in range(len(arrivals)):
        environment.process(job(number))
    environment.run()
    return done


def test_a_queue_without_a_server_or_with_unordered_arrivals_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one server"):
        departures(np.zeros(1), np.zeros(1), 0)
    with pytest.raises(ValueError, match="ascend"):
        departures(np.array([2.0, 1.0]), np.zeros(2), 1)


def test_a_place_is_free_again_once_its_holder_has_left() -> None:
    arrivals = np.array([0.0, 1.0, 2.0, 5.0])
    stays = np.array([5.0, 5.0, 5.0, 1.0])
    assert admitted(arrivals, stays, 2).tolist() == [True, True, False, True]
