"""The bulk interface: what it accepts, and that it gives each flow its own result."""

from __future__ import annotations

import numpy as np
import pytest

from capacity.network import Demand, Network, finish_times

LINE = Network(capacity_bps=[8e6], path_links=[0], path_start=[0, 1])
FLOW = {"start_s": [0.0], "size_bytes": [1e6], "route": [0]}


def test_results_are_in_the_order_the_flows_were_given():
    demand = Demand(start_s=[4.0, 0.0, 2.0], size_bytes=[1e6, 5e5, 1e6], route=[0, 0, 0])
    assert finish_times(LINE, demand).finish_s.tolist() == [5.0, 0.5, 3.0]


def test_flows_on_one_path_with_their_own_weights_and_limits_are_told_apart():
    demand = Demand(
        [0.0] * 3, [1e6] * 3, [0] * 3, weight=[1.0, 3.0, 1.0], rate_limit_bps=[np.inf, np.inf, 1e6]
    )
    # 1 Mbit/s for the limited one; 7 / 4 and 21 / 4 for the others, the first then having 7.
    second = 8 / 5.25
    first = second + (8 - 1.75 * second) / 7
    assert finish_times(LINE, demand).finish_s == pytest.approx([first, second, 8.0])


def test_no_flow_gives_an_empty_result():
    assert finish_times(LINE, Demand([], [], [])).finish_s.tolist() == []


def test_the_arrays_given_are_left_as_they_were():
    network = Network(
        np.array([8e6]),
        np.array([0]),
        np.array([0, 1]),
        None,
        np.array([0.5]),
        np.array([0]),
        np.array([4e6]),
    )
    before = [np.array(value) for value in vars(network).values() if value is not None]
    assert finish_times(network, Demand(**FLOW)).finish_s.tolist() == [1.5]
    after = [np.array(value) for value in vars(network).values() if value is not None]
    assert all((one == other).all() for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (Network([np.nan], [0], [0, 1]), "capacity_bps: must be 0 or more, and finite"),
        (Network([-1.0], [0], [0, 1]), "capacity_bps: must be 0 or more, and finite"),
        (Network([[1.0]], [0], [0, 1]), "capacity_bps: must have one dimension, not 2"),
        (Network([1.0], [1], [0, 1]), "path_links: must be from 0 to 0"),
        (Network([1.0], [0.5], [0, 1]), "path_links: must be a row of whole numbers"),
        (Network([1.0], [0, 0], [0, 2]), "path_links: a path crosses a link twice"),
        (Network([1.0], [0], [0, 0, 1]), "path_start: must rise from 0 to 1, no slice being empty"),
        (Network([1.0], [0], [0, 1], [0]), "route_start: must rise from 0 to 1, no slice being empty"),
        (
            Network([1.0], [0], [0, 1], None, [1.0]),
            "change_at_s, change_link, change_bps: must be of one length",
        ),
        (Network([1.0], [0], [0, 1], detection_s=-1), "detection_s: must be 0 or more, and finite"),
    ],
)
def test_a_network_that_does_not_fit_together_is_refused(network, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        finish_times(network, Demand(**FLOW))


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"start_s": [-1.0]}, "start_s: must be 0 or more, and finite"),
        ({"size_bytes": [0.0]}, "size_bytes: must be above 0, and finite"),
        ({"size_bytes": [1.0, 2.0]}, "start_s, size_bytes, route: must be of one length"),
        ({"route": [1]}, "route: 1 is not one of the 1 routes"),
        ({"weight": 0.0}, "weight: must be above 0, and finite"),
        ({"weight": [1.0, 1.0]}, "weight: must be a number, or one for each flow"),
        ({"rate_limit_bps": [0.0]}, "rate_limit_bps: must be above 0, inf for none"),
        ({"rate_limit_bps": [np.nan]}, "rate_limit_bps: must be above 0, inf for none"),
    ],
)
def test_flows_that_do_not_fit_are_refused(part, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        finish_times(LINE, Demand(**{**FLOW, **part}))
