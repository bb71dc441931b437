"""Availability: sums against the enumeration of every state, and against simple cases done by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations

import pytest

from capacity.availability import availability, down, of_service, switching, unavailable
from capacity.failures import parts
from capacity.layout import Layout
from capacity.parameters import Parameters


@pytest.mark.parametrize("taken_over", [True, False])
def test_the_truth_over_all_states_lies_between_least_and_most(
    eight: Layout, declared: Parameters, taken_over: bool
) -> None:
    often = replace(
        declared, line_every_s=declared.line_every_s / 200, edge_every_s=declared.edge_every_s / 500
    )
    alone = eight.first(1)
    felt = [part for part in parts(alone) if part.kind != "leg"]
    share = {part: unavailable(often, part) for part in felt}
    truth = 0.0
    for broken in chain.from_iterable(combinations(felt, count) for count in range(len(felt) + 1)):
        likely = 1.0
        for part in felt:
            likely *= share[part] if part in broken else 1 - share[part]
        truth += likely * (1 - down(alone, often, frozenset(broken), taken_over))
    found = of_service(eight, often, eight.cities[0], "any", taken_over)
    assert found.least <= truth - switching(often, felt) <= found.most
    assert truth <= found.most
    assert found.most - found.least < 0.02


def test_with_one_part_that_breaks_it_is_that_parts_availability(eight: Layout, declared: Parameters) -> None:
    never = {f"{kind}_every_s": 1e15 for kind in ("line", "edge", "leg", "data_center")}
    routers = replace(declared, **never, city_router_every_s=99.0, city_router_repair_s=1.0)
    found = of_service(eight, routers, eight.cities[0], "standard", True)
    assert found.least == pytest.approx(0.99, abs=1e-9)
    assert found.most == pytest.approx(0.99, abs=1e-9)


def test_a_disaster_costs_the_takeover_or_all_of_the_repair(eight: Layout, declared: Parameters) -> None:
    never = {f"{kind}_every_s": 1e15 for kind in ("line", "edge", "leg", "city_router")}
    fire = replace(declared, **never, data_center_every_s=900.0, data_center_repair_s=100.0, takeover_s=10.0)
    taken_over = of_service(eight, fire, eight.cities[0], "standard", True)
    not_taken_over = of_service(eight, fire, eight.cities[0], "desktop", False)
    assert taken_over.least == pytest.approx(0.99, abs=1e-9)
    assert not_taken_over.least == pytest.approx(0.9, abs=1e-9)


def test_each_city_is_listed_with_its_own_services(eight: Layout, declared: Parameters) -> None:
    found = availability(eight, declared, {"konan": ("standard", "desktop"), "koka": ("juki",)}, ("juki",))
    assert [(one.city, one.service) for one in found] == [
        ("konan", "standard"),
        ("konan", "desktop"),
        ("koka", "juki"),
    ]
    assert all(0.99 < one.least <= one.most <= 1 for one in found)
