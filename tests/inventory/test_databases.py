"""Which host is what in the databases' clusters."""

from __future__ import annotations

from inventory.database_plan import database_variables, databases
from inventory.load import load
from inventory.plan import plan
from inventory.topology import Topology


def two_cities(*, services: tuple[str, ...] = ("standard",)) -> Topology:
    """The declared centers with Kusatsu and Konan, the latter entitled to ``services``."""
    cloud = load()
    cities = [
        city.model_copy(update={"services": services}) if city.name == "konan" else city
        for city in cloud.cities
        if city.name in {"kusatsu", "konan"}
    ]
    return plan(cloud.model_copy(update={"cities": tuple(cities)}))


def test_each_city_has_a_database_for_each_group() -> None:
    assert [database.name for database in databases(two_cities())] == [
        "kusatsu_resident_records",
        "kusatsu_tax",
        "kusatsu_social_security",
        "kusatsu_other",
        "konan_resident_records",
        "konan_tax",
        "konan_social_security",
        "konan_other",
    ]


def test_a_city_without_the_standard_system_has_none() -> None:
    assert {database.city for database in databases(two_cities(services=()))} == {"kusatsu"}


def test_three_voters_decide_in_the_data_center_and_one_in_the_backup_center() -> None:
    topology = two_cities()
    here = database_variables(topology, topology.host("dc-db1"))["database"]
    assert [voter["name"] for voter in here["cluster"]["voters"]] == ["dc-db1", "dc-db2", "dc-etcd1"]
    assert here["other"]["voters"] == [{"name": "bc-db1", "address": "10.255.16.13"}]


def test_the_backup_center_follows_and_sees_the_data_center_as_the_other() -> None:
    topology = two_cities()
    there = database_variables(topology, topology.host("bc-db1"))["database"]
    assert there["follows"]
    assert [proxy["name"] for proxy in there["other"]["proxies"]] == ["dc-proxy1", "dc-proxy2"]
    assert not database_variables(topology, topology.host("dc-proxy1"))["database"]["follows"]


def test_other_hosts_know_nothing_of_the_databases() -> None:
    topology = two_cities()
    for name in ("dc-app1", "dc-edge1", "konan-pc1", "bc-store1"):
        assert database_variables(topology, topology.host(name)) == {}


def test_a_size_is_never_rounded_up() -> None:
    topology = two_cities()
    sizes = database_variables(topology, topology.host("dc-db1"))["database"]["mebibytes"]
    declared = topology.databases.log
    assert sizes["slot_cap"] * 1024**2 <= declared.slot_cap.base
    assert (sizes["between_checkpoints"] + sizes["slot_cap"]) < sizes["volume"]
