"""The list of addresses."""

from __future__ import annotations

import csv
import io

from inventory.addresses import Address, addresses, as_csv
from inventory.model import Cloud
from inventory.plan import plan


def test_every_interface_is_listed_once_management_included(cloud: Cloud) -> None:
    topology = plan(cloud)
    rows = addresses(topology)
    assert len(rows) == sum(1 + len(host.interfaces) for host in topology.hosts())
    assert len({row.address for row in rows}) == len(rows)
    assert [row.interface for row in rows].count("mgmt0") == sum(1 for _ in topology.hosts())


def test_a_router_is_listed_as_a_person_would_write_it_down(cloud: Cloud) -> None:
    own = ("konan", "konan-ce1", "ce", "", "incus")
    assert [row for row in addresses(plan(cloud)) if row.host == "konan-ce1"] == [
        Address(*own, "mgmt0", "c5-mgmt", "10.5.240.2/24", None, ""),
        Address(*own, "lan-kikan", "c5-kikan", "10.5.16.1/20", None, ""),
        Address(*own, "lan-joho", "c5-joho", "10.5.32.1/20", None, ""),
        Address(*own, "line1", "c5-line1", "10.5.254.1/31", 10**9, "dc-edge1"),
        Address(*own, "line2", "c5-line2", "10.5.254.3/31", 10**9, "dc-edge2"),
        Address(*own, "access0", "c5-access", "10.5.254.17/31", 10**8, "bc-edge1"),
    ]


def test_csv_gives_back_what_was_put_in(cloud: Cloud) -> None:
    rows = addresses(plan(cloud))
    read = list(csv.DictReader(io.StringIO(as_csv(rows))))
    assert [(row["host"], row["interface"], row["address"]) for row in read] == [
        (row.host, row.interface, row.address) for row in rows
    ]
    assert {row["rate_bps"] for row in read} == {"", "1000000000", "100000000"}
