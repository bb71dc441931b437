"""Who may reach whom: the explanation and what each host is told agree, for every pair and port."""

from __future__ import annotations

import pytest
from netaddr import IPAddress, IPNetwork

from inventory.load import load
from inventory.openings import admissions
from inventory.plan import plan
from inventory.policy import asked_ports, explain


@pytest.fixture(scope="module")
def topology():
    return plan(load())


def lets_in(topology, target, source, port):
    """Whether the target's own packet filter lets the source in."""
    if target.zone is None or source.zone != target.zone:
        return False
    address = IPAddress(source.interface(f"lan-{source.zone}").ip)
    return any(
        port in admission.ports and any(address in IPNetwork(origin) for origin in admission.sources)
        for admission in admissions(topology, target)
    )


def test_the_explanation_is_what_every_host_is_told(topology):
    sources = [host for site in topology.sites[:4] for host in site.hosts]
    for target in (host for site in topology.sites[:4] for host in site.hosts):
        for source in (host for host in sources if host != target):
            for port in (22, *asked_ports(topology)):
                allowed = explain(topology, source, target, port).allowed
                assert allowed == lets_in(topology, target, source, port), (source.name, target.name, port)


@pytest.mark.parametrize(
    ("source", "target", "port", "why"),
    [
        ("konan-pc1", "kusatsu-pc1", 443, "a city never reaches another city"),
        ("konan-pc2", "dc-cs1", 8443, "zone joho never reaches zone kikan"),
        ("dc-db1", "konan-pc1", 5432, "nobody opens a connection to a city's terminals"),
        ("konan-pc1", "dc-edge1", 22, "dc-edge1 is a router: it forwards, and serves nobody"),
        ("konan-pc1", "dc-db1", 5432, "no opening names city to db, port 5432"),
    ],
)
def test_a_refusal_says_why(topology, source, target, port, why):
    answer = explain(topology, topology.host(source), topology.host(target), port)
    assert (answer.allowed, answer.why) == (False, why)


def test_a_city_without_the_service_is_told_so():
    cloud = load()
    konan = cloud.city("konan").model_copy(update={"services": ("standard",)})
    cities = tuple(konan if city.name == "konan" else city for city in cloud.cities)
    topology = plan(cloud.model_copy(update={"cities": cities}))
    answer = explain(topology, topology.host("konan-pc1"), topology.host("dc-print1"), 8444)
    assert answer == (False, "konan is not entitled to the service print")
    assert explain(topology, topology.host("konan-pc1"), topology.host("dc-proxy1"), 443).allowed
