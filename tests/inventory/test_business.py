"""Which host does what for the business systems and for joint printing."""

from __future__ import annotations

from inventory.business import business_variables
from inventory.load import load
from inventory.plan import plan

TOPOLOGY = plan(load())


def of(name: str):
    return business_variables(TOPOLOGY, TOPOLOGY.host(name))


def test_the_functions_are_the_councils_forty_nine_and_twenty_have_public_names():
    groups = of("dc-app1")["business"]["groups"]
    assert {group["name"]: group["functions"] for group in groups} == {
        "resident_records": 6,
        "tax": 12,
        "social_security": 15,
        "other": 16,
    }
    assert sum(len(group["named"]) for group in groups) == 20


def test_a_proxy_serves_from_its_own_center_and_the_other_stands_by():
    assert [(s["name"], s["backup"]) for s in of("dc-proxy2")["business"]["servers"]] == [
        ("dc-app1", False),
        ("dc-app2", False),
        ("bc-app1", True),
    ]
    assert [(s["name"], s["backup"]) for s in of("bc-proxy1")["business"]["servers"]] == [
        ("bc-app1", False),
        ("dc-app1", True),
        ("dc-app2", True),
    ]


def test_an_application_host_asks_the_nearest_proxies_first():
    assert of("dc-app1")["business"]["proxies"] == ["dc-proxy1", "dc-proxy2", "bc-proxy1"]
    assert of("bc-app1")["business"]["proxies"] == ["bc-proxy1", "dc-proxy1", "dc-proxy2"]


def test_each_city_has_a_database_a_group():
    konan = next(city for city in of("dc-app1")["business"]["cities"] if city["name"] == "konan")
    assert konan == {
        "name": "konan",
        "title": "湖南市",
        "databases": {
            group: f"konan_{group}" for group in ("resident_records", "tax", "social_security", "other")
        },
    }


def test_printing_is_for_entitled_cities_and_ends_at_the_drop():
    assert of("dc-print1")["printing"]["drop"] == "dc-drop1"
    assert set(of("dc-print1")["printing"]["cities"]) == {
        city.name for city in TOPOLOGY.cities if "print" in city.services
    }
    assert of("dc-drop1")["printing"]["gateways"] == ["dc-print1"]


def test_no_other_host_knows_anything_of_it():
    named = {"app", "proxy", "print", "drop"}
    assert not any(business_variables(TOPOLOGY, h) for h in TOPOLOGY.hosts() if h.role not in named)
