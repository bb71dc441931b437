"""Double failures: the closed form against NetGraph's maximum flow, and what is worst."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ngraph import AnalysisContext, Link, Mode, Network, Node

from capacity.failures import Failure, Part, left
from capacity.layout import Layout, grown
from capacity.parameters import Parameters
from capacity.screening import Screened, maximum_flow, pairs, peak_graph, screen, worst


def netgraph_flow(layout: Layout, parameters: Parameters, failure: Failure) -> float:
    """The same problem as NetGraph solves it: source, cities, edges, sink."""
    graph = peak_graph(layout, parameters, standing=True)
    up = left(layout, frozenset(failure.parts)).lines
    names = [line.name for city in layout.cities for line in city.lines]
    network = Network()
    for name in ("source", "sink", *(f"city{n}" for n in range(len(graph.demand))), *layout.edges):
        network.add_node(Node(name))
    for city, demand in enumerate(graph.demand):
        network.add_link(Link("source", f"city{city}", capacity=float(demand)))
    for place, name in enumerate(names):
        if name in up:
            ends = f"city{graph.city[place]}", layout.edges[graph.edge[place]]
            network.add_link(Link(*ends, capacity=float(graph.rate[place])))
    for edge, rate in zip(layout.edges, graph.edge_rate, strict=True):
        network.add_link(Link(edge, "sink", capacity=float(rate)))
    context = AnalysisContext.from_network(network, source="^source$", sink="^sink$", mode=Mode.COMBINE)
    return sum(context.max_flow().values())


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 99),
    line_factor=st.floats(0.01, 2),
    edge_factor=st.floats(0.01, 2),
    which=st.integers(0, 1000),
)
def test_the_closed_form_is_the_maximum_flow_that_netgraph_finds(
    eight: Layout, declared: Parameters, seed: int, line_factor: float, edge_factor: float, which: int
) -> None:
    layout = grown(eight, 12, seed)
    cities = tuple(
        replace(city, lines=tuple(replace(line, bps=line.bps * line_factor) for line in city.lines))
        for city in layout.cities
    )
    layout = replace(layout, cities=cities)
    parameters = replace(declared, dc_edge_bps=declared.dc_edge_bps * edge_factor)
    standing = [pair for pair in pairs(layout) if left(layout, frozenset(pair.parts)).data_center]
    failure = standing[which % len(standing)]
    alive = left(layout, frozenset(failure.parts)).lines
    up = np.array([[line.name in alive for city in layout.cities for line in city.lines]])
    found = maximum_flow(peak_graph(layout, parameters, standing=True), up)[0]
    assert found == pytest.approx(netgraph_flow(layout, parameters, failure), rel=1e-6)


def test_every_pair_is_screened_once(eight: Layout, declared: Parameters) -> None:
    screened = screen(eight, declared, pairs(eight))
    assert len(screened) == 30 * 29 // 2 == len({one.failure.name for one in screened})


def test_nothing_lost_is_nothing_unserved_and_a_city_cut_off_is_its_demand(
    eight: Layout, declared: Parameters
) -> None:
    router = Failure("router", (Part("city_router", "kusatsu"),))
    whole, cut = screen(eight, declared, iter([Failure("nothing"), router]))
    assert (whole.unserved, whole.cut_off) == (0.0, 0)
    users = [city.users for city in eight.cities]
    assert (cut.unserved, cut.cut_off) == (pytest.approx(users[0] / sum(users)), 1)


def test_one_line_carries_what_two_did(eight: Layout, declared: Parameters) -> None:
    line = Failure("line", (Part("line", "c1-line1"),))
    whole, cut = screen(eight, declared, iter([Failure("nothing"), line]))
    assert cut.fullest == pytest.approx(2 * whole.fullest)


def test_the_worst_pairs_come_first(eight: Layout, declared: Parameters) -> None:
    ranked = worst(screen(eight, declared, pairs(eight)), 400)

    def rank(one: Screened) -> tuple[int, float, float]:
        return one.cut_off, one.unserved, one.fullest

    assert all(rank(one) >= rank(other) for one, other in pairwise(ranked))
    assert ranked[0].cut_off == 8
