"""Nights that can be worked out by hand: no variation, one bottleneck at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from capacity.failures import NOTHING, Failure, Part, left
from capacity.layout import Layout
from capacity.night import done_within
from capacity.parameters import Parameters
from capacity.replication import lag_s


@pytest.fixture(scope="module")
def calm(declared: Parameters) -> Parameters:
    """Every night alike, and nothing printed."""
    return replace(declared, night_varies=0.0, printing_bytes=1e-6, batch_bytes=0.0)


def night(layout: Layout, parameters: Parameters, *broken: Part) -> float:
    failure = Failure("this", broken)
    return done_within(layout, parameters, failure, left(layout, frozenset(broken)), seed=1)


def people(layout: Layout) -> tuple[float, float]:
    return sum(city.population for city in layout.cities), sum(city.users for city in layout.cities)


def test_the_replication_link_is_full_until_all_is_copied(eight: Layout, calm: Parameters) -> None:
    population, users = people(eight)
    total = 8 * (population * calm.kikan_bytes + users * calm.joho_bytes)
    assert night(eight, calm) == pytest.approx(total / calm.replication_bps, rel=1e-6)


def test_the_databases_log_takes_its_part_while_the_batch_runs(eight: Layout, calm: Parameters) -> None:
    population, users = people(eight)
    total = 8 * (population * calm.kikan_bytes + users * calm.joho_bytes)
    busy = replace(calm, batch_bytes=calm.replication_bps / 8 * calm.batch_s / population / 2)
    rest = total - calm.replication_bps / 2 * calm.batch_s
    assert rest > 0
    assert night(eight, busy) == pytest.approx(calm.batch_s + rest / calm.replication_bps, rel=1e-6)


def test_a_log_that_wants_all_leaves_the_guarantee(eight: Layout, calm: Parameters) -> None:
    population, _ = people(eight)
    greedy = replace(calm, batch_bytes=calm.replication_bps * calm.batch_s / population)
    total = 8 * (population * calm.kikan_bytes + people(eight)[1] * calm.joho_bytes)
    rest = total - 0.3 * calm.replication_bps * calm.batch_s
    assert night(eight, greedy) == pytest.approx(calm.batch_s + rest / calm.replication_bps, rel=1e-6)


def test_a_slow_line_is_what_one_city_waits_for(eight: Layout, calm: Parameters) -> None:
    fast = replace(calm, replication_bps=1e12, kikan_bytes=1.0)
    kusatsu = eight.cities[0]
    each = 8 * kusatsu.users * calm.joho_bytes
    assert night(eight, fast) == pytest.approx(each / 2e9, rel=1e-3)
    cut = night(eight, fast, Part("line", "c1-line1"))
    assert cut == pytest.approx(each / 1e9, rel=1e-3)


def test_a_city_that_is_cut_off_goes_on_after_the_repair(eight: Layout, calm: Parameters) -> None:
    fast = replace(calm, replication_bps=1e12, kikan_bytes=1.0)
    each = 8 * eight.cities[0].users * calm.joho_bytes
    found = night(eight, fast, Part("city_router", "kusatsu"))
    assert found == pytest.approx(calm.city_router_repair_s + each / 2e9, rel=1e-3)


def test_without_the_data_center_files_go_over_the_disaster_access(eight: Layout, calm: Parameters) -> None:
    largest = max(city.users for city in eight.cities)
    expected = calm.takeover_s + 8 * largest * calm.joho_bytes / calm.access_bps
    assert night(eight, calm, Part("data_center", "dc")) == pytest.approx(expected, rel=1e-6)


def test_printing_has_a_link_of_its_own(eight: Layout, calm: Parameters) -> None:
    printing = replace(calm, printing_bytes=1e6)
    expected = 8 * people(eight)[0] * 1e6 / calm.print_bps
    assert night(eight, printing) == pytest.approx(expected, rel=1e-6)


def test_a_leg_that_dies_is_replaced_after_detection(eight: Layout, calm: Parameters) -> None:
    assert night(eight, calm, Part("leg", "repl1")) == pytest.approx(
        night(eight, calm) + calm.detection_s, abs=1e-3
    )
    lag = lag_s(eight, calm, Failure("leg", (Part("leg", "repl1"),)), 1)
    assert calm.detection_s <= lag <= calm.detection_s + 0.1


def test_without_the_link_the_log_waits_for_the_repair(eight: Layout, calm: Parameters) -> None:
    both = Failure("both", (Part("leg", "repl1"), Part("leg", "repl2")))
    lag = lag_s(eight, calm, both, 1)
    assert calm.leg_repair_s - 1 <= lag <= calm.leg_repair_s * 1.02


def test_a_log_within_its_guarantee_is_never_a_second_behind(eight: Layout, declared: Parameters) -> None:
    assert 0 < lag_s(eight, declared, NOTHING, 1) < 1.0


def test_a_log_beyond_its_guarantee_falls_behind_for_as_long_as_it_is_written(
    eight: Layout, calm: Parameters
) -> None:
    population, _ = people(eight)
    written = 2 * 0.7 * calm.replication_bps / 8 * calm.batch_s
    lag = lag_s(eight, replace(calm, batch_bytes=written / population), NOTHING, 1)
    # In order, the last piece would be late by the batch's length; sharing fairly, none by more than the whole.
    assert calm.batch_s <= lag <= 2 * calm.batch_s
