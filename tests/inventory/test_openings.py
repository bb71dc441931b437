"""What a host lets in."""

from __future__ import annotations

from netaddr import IPNetwork

from inventory.load import load
from inventory.openings import admissions
from inventory.plan import plan


def admitted(topology, host, port):
    """Sources that ``host`` lets in at ``port``."""
    return {s for a in admissions(topology, topology.host(host)) if port in a.ports for s in a.sources}


def test_a_terminal_lets_nobody_in():
    topology = plan(load())
    assert not [a for city in topology.cities for host in city.hosts for a in admissions(topology, host)]


def test_a_database_is_reached_through_its_proxies_and_by_its_fellows_only():
    topology = plan(load())
    fellows = {"10.0.16.14", "10.255.16.13"}
    proxies = {"10.0.16.17", "10.0.16.18", "10.255.16.17"}
    assert admitted(topology, "dc-db1", 5432) == fellows | proxies
    assert admitted(topology, "dc-db1", 22) == set()


def test_a_city_that_is_not_entitled_to_a_service_does_not_reach_it():
    cloud = load()
    konan = cloud.city("konan").model_copy(update={"services": ("standard",)})
    cities = tuple(konan if city.name == "konan" else city for city in cloud.cities)
    topology = plan(cloud.model_copy(update={"cities": cities}))
    assert "10.5.16.0/20" not in admitted(topology, "dc-print1", 8444)
    assert "10.1.16.0/20" in admitted(topology, "dc-print1", 8444)
    assert "10.5.16.0/20" in admitted(topology, "dc-proxy1", 443)


def test_nothing_is_let_in_from_another_zone():
    topology = plan(load())
    for host in topology.hosts():
        zones = [IPNetwork(site.zones[host.zone]) for site in topology.sites] if host.zone else []
        for admission in admissions(topology, host):
            for source in map(IPNetwork, admission.sources):
                assert any(source in zone for zone in zones)


def test_a_cs_server_hears_of_the_virtual_address_from_its_fellow_only():
    topology = plan(load())
    found = [a for a in admissions(topology, topology.host("dc-cs1")) if a.protocol == "vrrp"]
    assert [(a.ports, a.sources) for a in found] == [((), ("10.0.16.32",))]
    others = [host for host in topology.hosts() if host.role != "cs"]
    assert not [a for host in others for a in admissions(topology, host) if a.protocol == "vrrp"]
