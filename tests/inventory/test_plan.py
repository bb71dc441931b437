"""The plan: what follows from a declaration, for any set of cities and not only for the eight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from netaddr import IPAddress, IPNetwork

from inventory.load import load
from inventory.model import City, Cloud, HostGroup, Line
from inventory.plan import plan
from inventory.topology import Host, Site, Topology

DECLARED = load(Path(__file__).parents[2] / "inventory" / "data")
TEMPLATE = DECLARED.city("konan")
GROUPS = st.builds(
    HostGroup,
    role=st.sampled_from(["pc", "print", "kiosk"]),
    zone=st.sampled_from([zone.name for zone in DECLARED.file.zones]),
    count=st.integers(1, 9),
    at=st.integers(2, 23).map(lambda tens: tens * 10 + 1),
)


@st.composite
def a_city(draw: st.DrawFn, number: int) -> City:
    """A city that the loader would accept: lines on different edges, hosts on different addresses."""
    edges = draw(st.permutations(["dc-edge1", "dc-edge2"]))
    lines = tuple(Line(lands_on=edge, rate=TEMPLATE.lines[0].rate) for edge in edges)
    hosts = draw(st.lists(GROUPS, min_size=1, max_size=4, unique_by=lambda group: group.at))
    update = {"number": number, "name": f"city{number}", "lines": lines, "hosts": tuple(hosts)}
    return TEMPLATE.model_copy(update=update)


def cloud_of(cities: list[City]) -> Cloud:
    """A cloud of just these cities, in order."""
    return Cloud(file=DECLARED.file, cities=tuple(sorted(cities, key=lambda city: city.number)))


NUMBERS = st.lists(st.integers(1, 250), min_size=1, max_size=12, unique=True)
CITIES = NUMBERS.flatmap(lambda numbers: st.tuples(*(a_city(number) for number in numbers)).map(list))
EVERY_CITY = cloud_of(
    [
        TEMPLATE.model_copy(update={"number": number, "name": f"abcdefghijklm{number}"})
        for number in range(1, 251)
    ]
)


def as_json(topology: Topology) -> dict[str, str]:
    """Each city's plan, byte by byte."""
    return {site.name: site.model_dump_json() for site in topology.cities}


@settings(max_examples=30, deadline=None)
@given(CITIES, st.data())
def test_adding_or_removing_a_city_changes_no_other_city(cities: list[City], data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(cities))
    with_it = as_json(plan(cloud_of(cities)))
    without = as_json(plan(cloud_of([city for city in cities if city is not gone])))
    assert with_it.keys() - without.keys() == {gone.name}
    assert all(with_it[name] == text for name, text in without.items())


@settings(max_examples=15, deadline=None)
@given(CITIES, st.data())
def test_a_newcomer_only_adds_to_the_centers(cities: list[City], data: st.DataObject) -> None:
    """What stands in a center before stands there after, in the same order."""
    gone = data.draw(st.sampled_from(cities))
    before = plan(cloud_of([city for city in cities if city is not gone])).sites[:2]
    after = plan(cloud_of(cities)).sites[:2]
    for old, new in zip(before, after, strict=True):
        assert old.model_copy(update={"hosts": ()}) == new.model_copy(update={"hosts": ()})
        for was, host in zip(old.hosts, new.hosts, strict=True):
            is_old = {interface.name for interface in was.interfaces}
            assert tuple(i for i in host.interfaces if i.name in is_old) == was.interfaces
            if was.routing and host.routing:
                assert tuple(p for p in host.routing.peers if p.interface in is_old) == was.routing.peers


@settings(max_examples=20, deadline=None)
@given(CITIES)
def test_the_plan_round_trips(cities: list[City]) -> None:
    topology = plan(cloud_of(cities))
    assert Topology.model_validate_json(topology.model_dump_json()) == topology


@settings(max_examples=20, deadline=None)
@given(CITIES)
def test_nothing_meets_for_any_cities(cities: list[City]) -> None:
    check_nothing_meets(plan(cloud_of(cities)))


def test_nothing_meets_for_two_hundred_and_fifty_cities() -> None:
    check_nothing_meets(plan(EVERY_CITY))


def check_nothing_meets(topology: Topology) -> None:
    """Nothing that must be one's own is anybody else's, and every name fits where it must."""
    assert_apart(IPNetwork(site.prefix) for site in topology.sites)
    assert_apart(IPNetwork(network.prefix) for network in topology.networks())
    assert_once(network.name for network in topology.networks())
    assert_once(host.name for host in topology.hosts())
    assert_once(site.asn for site in topology.sites)
    assert_once(site.name for site in topology.sites)
    assert_once(address for host in topology.hosts() for address in addresses(host))
    assert_once(host.routing.router_id for host in topology.hosts() if host.routing)
    assert all(len(network.name) <= 15 for network in topology.networks())
    for host in topology.hosts():
        assert_once(["mgmt0", *(interface.name for interface in host.interfaces)])
        assert all(len(interface.name) <= 15 for interface in host.interfaces)
        assert len(host.name) <= 63
    for site in topology.sites:
        check_site_is_whole(site, topology)


def check_site_is_whole(site: Site, topology: Topology) -> None:
    """Whatever a site's plan refers to is there, and lies where it says."""
    networks = {network.name: IPNetwork(network.prefix) for network in topology.networks()}
    names = {host.name for host in topology.hosts()}
    assert 64512 <= site.asn <= 65534
    assert all(networks[network.name] in IPNetwork(site.prefix) for network in site.networks)
    for host in site.hosts:
        assert IPAddress(host.management) in networks[f"{site.tag}-mgmt"]
        for interface in host.interfaces:
            assert IPNetwork(interface.address).cidr == networks[interface.network]
        for peer in host.routing.peers if host.routing else ():
            assert peer.name in names
            own = IPNetwork(host.interface(peer.interface).address)
            assert IPAddress(peer.address) in own
            assert IPAddress(peer.address) != own.ip


def test_both_ends_of_every_session_agree() -> None:
    topology = plan(DECLARED)
    sessions = {
        (host.name, peer.name, peer.kind): (host, peer)
        for host in topology.hosts()
        for peer in (host.routing.peers if host.routing else ())
    }
    for (name, other, kind), (host, peer) in sessions.items():
        assert host.routing is not None
        far, back = sessions[other, name, kind]
        assert peer.address == far.interface(back.interface).ip
        assert far.routing is not None
        assert peer.asn == far.routing.asn
        assert peer.accept == back.announce
        assert peer.preference == back.preference


def test_a_city_announces_and_is_believed_about_its_own_zones_only() -> None:
    topology = plan(DECLARED)
    for city in topology.cities:
        (router,) = city.routers()
        assert router.routing is not None
        assert all(peer.announce == tuple(city.zones.values()) for peer in router.routing.peers)
        others = {*topology.data_center.zones.values(), *topology.backup_center.zones.values()}
        assert all(set(peer.accept) <= others for peer in router.routing.peers)


def test_every_line_of_a_city_lands_on_an_edge_of_its_own() -> None:
    for city in plan(DECLARED).cities:
        lines = [link for link in city.links if link.kind == "line"]
        assert [link.rate_bps for link in lines] == [10**9, 10**9]
        assert sorted(link.far for link in lines) == ["dc-edge1", "dc-edge2"]


def test_konan_is_planned_as_a_person_would_by_hand() -> None:
    city = plan(DECLARED).site("konan")
    router = city.host("konan-ce1")
    assert (city.prefix, city.asn, city.tag) == ("10.5.0.0/16", 64517, "c5")
    assert router.management == "10.5.240.2"
    assert [(i.name, i.network, i.address, i.rate_bps) for i in router.interfaces] == [
        ("lan-kikan", "c5-kikan", "10.5.16.1/20", None),
        ("lan-joho", "c5-joho", "10.5.32.1/20", None),
        ("line1", "c5-line1", "10.5.254.1/31", 10**9),
        ("line2", "c5-line2", "10.5.254.3/31", 10**9),
        ("access0", "c5-access", "10.5.254.17/31", 10**8),
    ]
    assert [(host.name, host.interfaces[0].address, host.gateway) for host in city.hosts[1:]] == [
        ("konan-pc1", "10.5.16.11/20", "10.5.16.1"),
        ("konan-pc2", "10.5.32.21/20", "10.5.32.1"),
    ]


def test_a_server_peers_with_every_edge_of_its_center() -> None:
    topology = plan(DECLARED)
    assert topology.host("dc-app1").peers_with == ("10.0.16.1", "10.0.16.2")
    assert topology.host("bc-store1").peers_with == ("10.255.16.1",)


def test_replication_prefers_its_first_leg_at_both_ends() -> None:
    topology = plan(DECLARED)
    preferences = {
        (host.name, peer.name): peer.preference
        for host in topology.hosts()
        for peer in (host.routing.peers if host.routing else ())
        if peer.kind == "replication"
    }
    assert preferences == {
        ("dc-edge1", "bc-edge1"): 200,
        ("bc-edge1", "dc-edge1"): 200,
        ("dc-edge2", "bc-edge1"): 150,
        ("bc-edge1", "dc-edge2"): 150,
    }
    routing = topology.host("dc-edge1").routing
    assert routing is not None
    assert [(c.name, c.guarantee_bps, c.ceiling_bps) for c in routing.classes["repl1"]] == [
        ("database", 700_000_000, 10**9),
        ("bulk", 300_000_000, 10**9),
    ]


@given(st.permutations(TEMPLATE.hosts))
@settings(max_examples=10)
def test_hosts_come_in_the_order_they_are_declared(groups: list[HostGroup]) -> None:
    city = TEMPLATE.model_copy(update={"hosts": tuple(groups)})
    site = plan(cloud_of([city])).site("konan")
    assert [host.zone for host in site.hosts] == [None, *(group.zone for group in groups)]
    assert [host.name for host in site.hosts] == ["konan-ce1", "konan-pc1", "konan-pc2"]


def test_cities_are_planned_by_number_whatever_their_files_are_called() -> None:
    numbers = [site.octet for site in plan(DECLARED).cities]
    assert numbers == sorted(numbers)


def addresses(host: Host) -> list[str]:
    """Every address of the host, management included."""
    return [host.management, *(interface.ip for interface in host.interfaces)]


def assert_once(items: Iterable[Hashable]) -> None:
    """No item comes twice."""
    assert [item for item, count in Counter(items).items() if count > 1] == []


def assert_apart(prefixes: Iterable[IPNetwork]) -> None:
    """No prefix meets another: sorted, each ends before the next begins."""
    ordered = sorted(prefixes, key=lambda net: (net.first, net.last))
    assert all(one.last < other.first for one, other in pairwise(ordered))
