"""The graph: names as in the plan, growth that changes nobody, and no limit by addresses."""

from __future__ import annotations

import pytest

from capacity.layout import MUNICIPALITIES, Layout, grown
from capacity.parameters import PATHS, Parameters, parameters, quantity, scaled
from inventory.model import Cloud
from inventory.plan import plan


def test_lines_edges_and_legs_are_those_of_the_plan(cloud: Cloud, eight: Layout) -> None:
    links = {link.name: link for link in plan(cloud).links()}
    for city in eight.cities:
        for line in city.lines:
            assert (links[line.name].far, links[line.name].rate_bps) == (line.edge, line.bps)
    assert [(leg.name, leg.edge) for leg in eight.legs] == [("repl1", "dc-edge1"), ("repl2", "dc-edge2")]


def test_growing_changes_no_city_that_is_in(eight: Layout) -> None:
    small, large = grown(eight, 20, 1), grown(eight, 40, 1)
    assert small.cities[:8] == eight.cities
    assert large.cities[:20] == small.cities
    assert grown(eight, 20, 2).cities[8:] != small.cities[8:]


def test_the_whole_country_fits(eight: Layout) -> None:
    country = grown(eight, MUNICIPALITIES, 1)
    assert len({line.name for city in country.cities for line in city.lines}) == 2 * MUNICIPALITIES
    assert 60e6 < sum(city.population for city in country.cities) < 250e6


def test_every_parameter_is_declared_somewhere(cloud: Cloud, declared: Parameters) -> None:
    for name, path in PATHS.items():
        assert getattr(declared, name) == quantity(cloud, path).base


def test_parameters_are_in_base_units(cloud: Cloud, declared: Parameters) -> None:
    assert declared.opens == 8.5 * 3600
    assert declared.access_bps == 100e6
    assert declared.present == 0.9
    assert declared.detection_s == pytest.approx(0.4)
    assert scaled(declared, "access_bps", 0.5).access_bps == 50e6
    assert parameters(cloud) == declared
