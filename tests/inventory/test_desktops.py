"""Who has a desktop, and which host is what in the pool."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from inventory import monitoring
from inventory.desktop_plan import SERVICE, desktop_variables, people, zone
from inventory.load import load
from inventory.plan import plan
from inventory.topology import Host, Topology

TOPOLOGY = plan(load())


def without_desktops(name: str) -> Topology:
    """The plan in which a city has not booked them."""
    cloud = load()
    cities = [
        city.model_copy(update={"services": ("standard",)}) if city.name == name else city
        for city in cloud.cities
    ]
    return plan(cloud.model_copy(update={"cities": tuple(cities)}))


def terminals(topology: Topology, city: str) -> dict[str | None, Host]:
    """A city's terminals by zone."""
    return {host.zone: host for host in topology.site(city).hosts if not host.is_router}


def test_only_entitled_cities_have_people_and_terminals_that_show_desktops() -> None:
    topology = without_desktops("konan")
    assert "konan" not in {person.city for person in people(topology)}
    assert desktop_variables(topology, terminals(topology, "konan")["joho"]) == {}
    assert desktop_variables(topology, terminals(topology, "yasu")["joho"])["desktop"]["part"] == "terminal"
    assert "konan" not in {
        city["name"] for city in desktop_variables(topology, topology.host("dc-broker1"))["desktop"]["cities"]
    }


def test_a_terminal_of_another_zone_knows_of_no_desktops() -> None:
    assert zone(TOPOLOGY) == "joho"
    assert desktop_variables(TOPOLOGY, terminals(TOPOLOGY, "konan")["kikan"]) == {}


def test_a_terminal_knows_no_person_and_no_session_host() -> None:
    told = desktop_variables(TOPOLOGY, terminals(TOPOLOGY, "konan")["joho"])["desktop"]
    assert set(told) == {"part", "brokers"}


def test_neighbouring_cities_begin_at_different_brokers() -> None:
    first = [
        desktop_variables(TOPOLOGY, terminals(TOPOLOGY, city.name)["joho"])["desktop"]["brokers"][0]["name"]
        for city in TOPOLOGY.entitled(SERVICE)
    ]
    assert all(one != other for one, other in pairwise(first))
    assert max(Counter(first).values()) - min(Counter(first).values()) <= 1


def test_the_monitor_asks_a_broker_for_every_session_host() -> None:
    jobs = {job["job_name"]: job for job in monitoring.jobs(TOPOLOGY, TOPOLOGY.host("dc-monitor1"))}
    assert "server" in jobs["broker"]["params"]["scope"]
    assert "server" not in jobs["proxy"]["params"]["scope"]
    asked = {one["labels"]["host"] for one in jobs["broker"]["static_configs"]}
    assert asked == {"dc-broker1", "dc-broker2"}
