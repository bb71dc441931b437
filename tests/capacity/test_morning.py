"""The morning: lines, what display leaves of them, the break at 08:30, and people without a place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from capacity.display import Streams, alive, arrive, display_load, preferred, rerouted, routes, ways
from capacity.failures import Part, left
from capacity.layout import Layout
from capacity.morning import lost_time, morning
from capacity.parameters import Parameters
from capacity.population import MIDDLE_S, people

EVERYDAY_S = 1800.0


def streams(start_s: float, size_bytes: float, city: int, hashes: list[int]) -> Streams:
    count = len(hashes)
    return Streams(
        np.full(count, start_s),
        np.full(count, size_bytes),
        np.full(count, np.inf),
        np.full(count, city, dtype=np.int64),
        np.array(hashes, dtype=np.int64),
    )


def nobody() -> Streams:
    return streams(0.0, 1.0, 0, [])


def test_a_flow_takes_the_line_of_its_hash_and_the_other_one_when_that_is_dead(
    eight: Layout, declared: Parameters
) -> None:
    links = ways(eight, declared, standing=True)
    city, hashes = np.array([2, 2, 2]), np.array([0, 1, 6])
    line = preferred(links, city, hashes)
    assert [links.lines[number].name for number in line] == ["c3-line1", "c3-line2", "c3-line1"]
    up = alive(links, left(eight, frozenset({Part("line", "c3-line1")})))
    assert set(rerouted(links, up, city, line)) == {line[1]}


def test_each_route_begins_with_its_line_and_goes_on_with_the_citys_others(
    eight: Layout, declared: Parameters
) -> None:
    path_links, path_start, route_start = routes(ways(eight, declared, standing=True))
    assert path_links[:8].tolist() == [0, 2, 1, 3, 1, 3, 0, 2]
    assert path_start[:5].tolist() == [0, 2, 4, 6, 8]
    assert route_start[:3].tolist() == [0, 2, 4]


def test_a_stream_cut_at_the_middle_goes_on_over_the_other_line_once_that_is_found(
    eight: Layout, declared: Parameters
) -> None:
    links = ways(eight, declared, standing=True)
    flow = streams(MIDDLE_S - 1.0, 2e9 / 8, 0, [0])
    whole = np.ones(len(links.lines), dtype=bool)
    assert arrive(links, declared, whole, nobody(), flow) == pytest.approx(MIDDLE_S + 1.0)
    cut = alive(links, left(eight, frozenset({Part("line", "c1-line1")})))
    assert arrive(links, declared, cut, nobody(), flow) == pytest.approx(
        MIDDLE_S + 1.0 + declared.detection_s
    )


def test_display_moves_to_the_line_that_is_left(eight: Layout, declared: Parameters) -> None:
    links = ways(eight, declared, standing=True)
    shown = streams(MIDDLE_S - 600, 1.0, 0, [0, 1, 2, 3])
    cut = alive(links, left(eight, frozenset({Part("edge", "dc-edge1")})))
    before, after = (
        display_load(links, declared, cut, shown, np.array([MIDDLE_S - 60, MIDDLE_S])) / declared.display_bps
    )
    assert before[:4].tolist() == [2, 2, 2, 2]
    assert after[:4].tolist() == [0, 4, 0, 4]


def test_a_request_on_a_dead_line_is_sent_again_until_another_way_is_known(declared: Parameters) -> None:
    slow = replace(declared, bfd_s=2.0, bfd_multiplier=2, retransmission_s=1.0)
    start = MIDDLE_S + np.array([-0.1, 0.0, 0.9, 3.5, 5.0])
    dead = np.array([True, True, True, True, True])
    assert lost_time(start, dead, slow).tolist() == [0.0, 7.0, 7.0, 1.0, 0.0]
    assert lost_time(start, ~dead, slow).tolist() == [0.0] * 5


def test_a_sign_in_alone_takes_the_sum_of_its_steps(eight: Layout, declared: Parameters) -> None:
    one = replace(declared, present=0.002, varies=0.0, broker_s=1e-9, per_terminal=1e-9)
    expected = (
        one.storage_s
        + 8 * one.profile_bytes / one.profile_bps
        + one.processor_s
        + 8 * one.screen_bytes / one.screen_bps
    )
    found = morning(eight, one, left(eight, frozenset()), EVERYDAY_S, seed=1)
    assert found.sign_in_p95 == pytest.approx(expected, rel=1e-3)


def test_those_without_a_place_are_refused(eight: Layout, declared: Parameters) -> None:
    coming = len(people(eight, declared, 1, 1.0, EVERYDAY_S).city)
    full = replace(declared, dc_places=coming - 100)
    found = morning(eight, full, left(eight, frozenset()), EVERYDAY_S, seed=1)
    assert found.sign_in_refused == pytest.approx(100 / coming)
    whole = morning(eight, declared, left(eight, frozenset()), EVERYDAY_S, seed=1)
    assert whole.sign_in_refused == 0


@pytest.mark.parametrize("scarce", ["dc_iops", "dc_cores", "dc_storage_bps", "dc_brokers"])
def test_a_scarce_resource_makes_sign_ins_slow(eight: Layout, declared: Parameters, scarce: str) -> None:
    whole = left(eight, frozenset())
    poor = replace(declared, **{scarce: getattr(declared, scarce) / 8})
    found = morning(eight, poor, whole, 300.0, seed=1)
    assert found.sign_in_p95 > 1.2 * morning(eight, declared, whole, 300.0, seed=1).sign_in_p95


def test_a_scarce_database_makes_transactions_slow(eight: Layout, declared: Parameters) -> None:
    found = morning(eight, replace(declared, dc_database_cores=1.0), left(eight, frozenset()), 300.0, seed=1)
    assert found.transaction_p95 > 10


def test_other_citys_failures_change_no_random_number(eight: Layout, declared: Parameters) -> None:
    small, large = (people(eight.first(count), declared, 1, 1.0, EVERYDAY_S) for count in (3, 8))
    assert large.arrival_s[large.city == 1].tolist() == small.arrival_s[small.city == 1].tolist()


def test_after_the_loss_of_the_data_center_few_people_use_the_disaster_access(
    eight: Layout, declared: Parameters
) -> None:
    lost = left(eight, frozenset({Part("data_center", "dc")}))
    found = morning(eight, declared, lost, EVERYDAY_S, seed=1)
    roomy = morning(eight, replace(declared, access_bps=1e9), lost, EVERYDAY_S, seed=1)
    assert roomy.sign_in_p95 < found.sign_in_p95
    assert roomy.transaction_p95 < found.transaction_p95


def test_a_city_alone_and_cut_off_has_no_morning(eight: Layout, declared: Parameters) -> None:
    alone = eight.first(1)
    cut = left(alone, frozenset({Part("city_router", "kusatsu")}))
    assert morning(alone, declared, cut, EVERYDAY_S, seed=1) == (0.0, 0.0, 0.0)
