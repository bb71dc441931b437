"""Completions are those of a brute-force solver, and at every event rates are what max-min fairness says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capacity.network.arrays import finish_times, prepare
from capacity.network.loop import advance
from capacity.network.state import State

CASES = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
SEED = st.integers(0, 2**32 - 1)


@CASES
@given(
    seed=SEED,
    links=st.integers(1, 60),
    flows=st.integers(1, 400),
    changes=st.integers(0, 8),
    kinds=st.integers(1, 60),
)
def test_completions_are_those_of_the_brute_force(make_case, reference, seed, links, flows, changes, kinds):
    case = make_case(seed, links, flows, changes, kinds)
    network, demand = case.arrays()
    np.testing.assert_allclose(finish_times(network, demand).finish_s, reference(case), rtol=1e-9)


@CASES
@given(seed=SEED, cities=st.integers(1, 12), flows=st.integers(1, 400))
def test_completions_on_a_star_are_those_of_the_brute_force(make_star, reference, seed, cities, flows):
    case = make_star(seed, cities, flows)
    network, demand = case.arrays()
    np.testing.assert_allclose(finish_times(network, demand).finish_s, reference(case), rtol=1e-9)


@CASES
@given(seed=SEED, cities=st.integers(1, 12), flows=st.integers(1, 120))
def test_rates_on_a_star_are_max_min_fair_at_every_event(make_star, seed, cities, flows):
    state, _ = prepare(*make_star(seed, cities, flows).arrays())
    while advance(state, 1):
        assert_max_min_fair(state)


@CASES
@given(seed=SEED, links=st.integers(1, 12), flows=st.integers(1, 120), kinds=st.integers(1, 30))
def test_rates_are_max_min_fair_at_every_event(make_case, seed, links, flows, kinds):
    network, demand = make_case(seed, links, flows, 4, kinds).arrays()
    state, _ = prepare(network, demand)
    while advance(state, 1):
        assert_max_min_fair(state)


@CASES
@given(seed=SEED, links=st.integers(1, 12), flows=st.integers(1, 120), kinds=st.integers(1, 30))
def test_what_is_sent_is_what_arrives(make_case, seed, links, flows, kinds):
    network, demand = make_case(seed, links, flows, 0, kinds).arrays()
    state, _ = prepare(network, demand)
    sent, now, rate = 0.0, 0.0, 0.0
    while advance(state, 1):
        sent += rate * (state.scalars["now"][0] - now)
        now, rate = state.scalars["now"][0], sum(flow_rates(state) * state.classes["flows"])
    assert sent == pytest.approx(8 * sum(demand.size_bytes), rel=1e-12)


def flow_rates(state: State) -> np.ndarray:
    """bit/s of one flow of each class."""
    held = state.classes["group"] >= 0
    return np.where(held, state.groups["level"][state.classes["group"]] * state.classes["weight"], 0.0)


def assert_max_min_fair(state: State) -> None:
    """No link is overloaded; each flow is at its limit, or at a full link where nobody has a higher level."""
    if state.scalars["seeds"][0]:
        return  # more happens at this very instant
    classes, links = state.classes, state.links
    rate = flow_rates(state)
    level = rate / classes["weight"]
    busy = np.flatnonzero(classes["flows"])
    load, top = np.zeros(len(links)), np.zeros(len(links))
    for c in busy:
        for link in path(state, c):
            load[link] += classes["flows"][c] * rate[c]
            top[link] = max(top[link], level[c])
    assert (load <= links["capacity"] * (1 + 1e-12)).all()
    full = load >= links["capacity"] * (1 - 1e-12)
    for c in busy:
        at_limit = rate[c] >= classes["limit"][c] * (1 - 1e-12)
        assert at_limit or any(full[link] and level[c] >= top[link] * (1 - 1e-12) for link in path(state, c))
        assert rate[c] <= classes["limit"][c] * (1 + 1e-12)


def path(state: State, c: int) -> np.ndarray:
    """The links class ``c`` crosses now."""
    return state.entry_link[state.classes["first"][c] : state.classes["last"][c]]
