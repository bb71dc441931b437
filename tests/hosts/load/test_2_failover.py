"""A line is cut, an edge router dies or is not heard, while numbered datagrams flow each 20 ms in both directions."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest

pytestmark = [pytest.mark.live, pytest.mark.load]

LONGEST_GAP = 1.0
"""Seconds that a city may be without an answer."""
FLOWS, FLOWS_BESIDE = 10, 2
"""Flows a direction of the city whose line is cut, enough that some take that line; and of each other city."""
ARP_FINDS_DEAD, SESSION_RETURNS = 4.5, 3.0
"""Seconds until a server's kernel gives up a dead edge router; until a session is there again once BFD is heard."""


def longest(flows, way):
    return max(heard.longest for name, heard in flows.items() if name.startswith(way))


def lost(flows):
    return sum(heard.sent - heard.received for heard in flows.values())


@pytest.mark.parametrize("how", ["silent", "carrier"])
@pytest.mark.parametrize("line", ["line1", "line2"])
def test_a_line_is_cut(city_name, line, how, measuring, probe, cut, await_routes, record, topology):
    """Silent: both ends keep their carrier, so that BFD has to find it. Carrier: both ends see their cable go."""
    pair = measuring[city_name]
    (router,) = pair.city.routers()
    network = next(link.name for link in pair.city.links if link.near_interface == line)
    flows = {name: (p, FLOWS if name == city_name else FLOWS_BESIDE) for name, p in measuring.items()}
    everyone = [router, pair.server, *topology.data_center.routers()]
    with probe(flows, seconds=7) as result:
        time.sleep(1)
        with cut(network, how):
            time.sleep(2)
        repaired = await_routes(everyone)
        found = result()
    own = found.pop(city_name)
    beside = {name: lost(flows) for name, flows in found.items()}
    row = {
        "city": city_name,
        "line": line,
        "cut": how,
        "gap_up_s": longest(own, "up"),
        "gap_down_s": longest(own, "down"),
        "lost": lost(own),
        "sent": sum(heard.sent for heard in own.values()),
        "lost_elsewhere": sum(beside.values()),
        "both_lines_again_s": round(repaired, 1),
    }
    record("line_cut", "A line cut under traffic", row)
    # with the carrier gone the kernel holds back what it cannot send, so there may be a gap and no loss
    assert lost(own) > 0 or how == "carrier", "the cut went unnoticed: no probe was on that line"
    assert row["gap_up_s"] <= LONGEST_GAP
    assert row["gap_down_s"] <= LONGEST_GAP
    assert beside == dict.fromkeys(beside, 0)


@pytest.mark.parametrize("number", [0, 1])
def test_an_edge_router_dies(number, measuring, probe, power_off, await_routes, record, topology):
    """Its plug is pulled; later it starts again, and nobody may notice that either."""
    edge = topology.data_center.routers()[number]
    everyone = [host for host in topology.hosts() if host.routing is not None]
    with probe({name: (pair, 4) for name, pair in measuring.items()}, seconds=25) as result:
        time.sleep(2)
        with power_off(edge) as switch_on:
            time.sleep(3)
            switch_on()
            repaired = await_routes(everyone)
        found = result()
    for name, flows in found.items():
        row = {
            "edge": edge.name,
            "city": name,
            "gap_up_s": longest(flows, "up"),
            "gap_down_s": longest(flows, "down"),
            "lost": lost(flows),
            "sent": sum(heard.sent for heard in flows.values()),
            "both_lines_again_s": round(repaired, 1),
        }
        record("edge_death", "An edge router's death and return under traffic", row)
    gaps = {name: max(longest(flows, "up"), longest(flows, "down")) for name, flows in found.items()}
    assert {name: gap for name, gap in gaps.items() if gap > LONGEST_GAP} == {}
    assert sum(lost(flows) for flows in found.values()) > 0, "its death went unnoticed"


@pytest.mark.parametrize("dead", [0, 1], ids=["all-alive", "one-dead"])
def test_a_server_that_hears_no_edge_router_is_still_there(
    dead, measuring, probe, power_off, deaf, learned, ask, await_routes, record, topology
):
    """As when it has no processor time to listen: its sessions break, and what it sends and receives does not.

    Where one of its edge routers is dead besides, nothing may go there.
    """
    server = next(iter(measuring.values())).server
    everyone = [host for host in topology.hosts() if host.routing is not None]
    with probe({name: (pair, FLOWS_BESIDE) for name, pair in measuring.items()}, seconds=15) as result:
        time.sleep(1)
        with ExitStack() as faults:
            for edge in topology.data_center.routers()[:dead]:
                faults.enter_context(power_off(edge))
                time.sleep(ARP_FINDS_DEAD)
            with deaf(server):
                time.sleep(2)
                left = learned({"routes": ask(server.name, "ip -j route")})
            hears_again = time.monotonic()
            time.sleep(SESSION_RETURNS)
        await_routes(everyone)
        repaired = time.monotonic() - hears_again
        found = result()
    row = {
        "server": server.name,
        "edges_dead": dead,
        "gap_up_s": max(longest(flows, "up") for flows in found.values()),
        "gap_down_s": max(longest(flows, "down") for flows in found.values()),
        "lost": sum(lost(flows) for flows in found.values()),
        "sent": sum(heard.sent for flows in found.values() for heard in flows.values()),
        "routes_again_s": round(repaired, 1),
    }
    record("deaf_server", "A server that hears no edge router, under traffic", row)
    assert left == {}, "its sessions did not break: it still heard"
    assert max(row["gap_up_s"], row["gap_down_s"]) <= LONGEST_GAP
