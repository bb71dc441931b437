"""Routing as it is in the kernel's table, not only in BGP's: both lines, the right edge router, nothing more."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.live


def sessions(observation):
    """Addresses with whom BGP is established, and those with whom it is not."""
    return json.loads(observation["sessions"])["bgp"]


def bfd(observation):
    """Address to what BFD says of it: state, how often this host sends (ms), after what silence it is dead (ms)."""
    return {
        address: (session["state"], session["sends_ms"], session["dead_after_ms"])
        for address, session in json.loads(observation["sessions"])["bfd"].items()
    }


def unheard(observation):
    """Routes for when no edge router is heard: prefix to the set of (next hop, card)."""
    return {
        route["dst"]: {(way["gateway"], way.get("dev", "")) for way in route.get("nexthops", [route])}
        for route in json.loads(observation["unheard"])
    }


def neighbours(topology, host):
    """Addresses that ``host`` should have a session with."""
    if not host.is_router:
        return set(host.peers_with)
    own = {interface.address.split("/")[0] for interface in host.interfaces}
    servers = {
        other.interfaces[0].address.split("/")[0]
        for other in topology.site(host.site).hosts
        if own & set(other.peers_with)
    }
    return {peer.address for peer in host.routing.peers} | servers


def test_a_router_has_the_planned_sessions_and_no_other(router, settles, topology):
    settles(router, sessions, dict.fromkeys(neighbours(topology, router), "Established"))


def test_a_server_has_a_session_with_each_edge_router(server, settles, topology):
    settles(server, sessions, dict.fromkeys(neighbours(topology, server), "Established"))


def test_a_routers_neighbours_are_watched_by_bfd(router, settles, topology):
    routers = {peer.address for peer in router.routing.peers}
    planned = {
        address: (
            "Up",
            topology.bfd_interval_ms if address in routers else topology.bfd_edge_interval_ms,
            topology.bfd_multiplier
            * (topology.bfd_interval_ms if address in routers else topology.bfd_server_interval_ms),
        )
        for address in neighbours(topology, router)
    }
    settles(router, bfd, planned)


def test_a_servers_edge_routers_are_watched_by_bfd(server, settles, topology):
    planned = ("Up", topology.bfd_server_interval_ms, topology.bfd_multiplier * topology.bfd_edge_interval_ms)
    settles(server, bfd, dict.fromkeys(neighbours(topology, server), planned))


def test_a_routers_kernel_has_the_planned_routes_and_no_other(router, settles, learned, planned_routes):
    settles(router, learned, planned_routes(router))


def test_a_servers_kernel_has_the_planned_routes_and_no_other(server, settles, learned, planned_routes):
    settles(server, learned, planned_routes(server))


def test_a_server_that_hears_no_edge_router_would_ask_all_of_them(server, settles, topology):
    """The kernel's second table, for each prefix of its zone elsewhere, whoever announces it or does not."""
    ways = {(edge, server.interfaces[0].name) for edge in server.peers_with}
    elsewhere = [site.zones[server.zone] for site in topology.sites if site.name != server.site]
    settles(server, unheard, dict.fromkeys(elsewhere, ways))


def test_a_city_and_the_data_center_are_joined_by_both_lines_both_ways(topology, planned_routes):
    """Of the plan itself, so that the tests above cannot all pass on a plan with one line."""
    edges = topology.data_center.routers()
    for city in topology.cities:
        (router,) = city.routers()
        ways = planned_routes(router)[topology.data_center.zones["kikan"]]
        assert {card for _, card in ways} == {"line1", "line2"}
        for server in (host for host in topology.data_center.hosts if host.zone == "kikan"):
            assert len(planned_routes(server)[city.zones["kikan"]]) == len(edges) == 2


def test_a_terminal_routes_nothing_itself(terminal, seen):
    routes = {route["dst"] for route in json.loads(seen(terminal)["routes"])}
    networks = {interface.address.rsplit(".", 2)[0] for interface in terminal.interfaces}
    assert {route for route in routes if route != "default"} == {
        route
        for route in routes
        if any(route.startswith(network) for network in networks)
        or route.startswith(terminal.management.rsplit(".", 1)[0])
    }
