"""The list of addresses that a network engineer keeps in a spreadsheet, made from the plan instead."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from inventory.topology import Host, Site, Topology


class Address(NamedTuple):
    """One interface of one host. What there is none of is empty; the rate is in bit/s and None if unlimited."""

    site: str
    host: str
    role: str
    zone: str
    platform: str
    interface: str
    network: str
    address: str
    rate_bps: int | None
    peer: str
    """The router at the other end of a link; empty where an interface joins many."""


def addresses(topology: Topology) -> list[Address]:
    """Every interface of every host, in the plan's order, management first."""
    return [row for site in topology.sites for host in site.hosts for row in of_host(site, host)]


def of_host(site: Site, host: Host) -> Iterator[Address]:
    """The interfaces of one host."""
    (management,) = (network for network in site.networks if network.kind == "management")
    length = management.prefix.partition("/")[2]
    own = (site.name, host.name, host.role, host.zone or "", host.platform)
    yield Address(*own, "mgmt0", management.name, f"{host.management}/{length}", None, "")
    peers = host.routing.peers if host.routing else ()
    for interface in host.interfaces:
        across = [peer.name for peer in peers if peer.interface == interface.name and peer.kind != "edge"]
        yield Address(
            *own, interface.name, interface.network, interface.address, interface.rate_bps, "".join(across)
        )


def as_csv(rows: list[Address]) -> str:
    """The rows as CSV with a heading; lines end as RFC 4180 says."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(Address._fields)
    writer.writerows(rows)
    return text.getvalue()
