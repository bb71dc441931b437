#!/usr/bin/env -S python3 -P
"""Ansible's inventory: the plan as groups and host variables. The one place where Ansible meets the code.

``ansible/inventory.py --list`` prints the JSON that Ansible's script inventory asks for; ``--host NAME`` one
host's variables. OMI_INVENTORY names another declaration's folder. A wrong declaration ends with status 2 and
its problems on standard error. (``python3 -P``: this file's name would otherwise hide the package it needs.)
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from ipaddress import ip_interface
from pathlib import Path
from typing import Any

from inventory.backups import backup_variables
from inventory.business import business_variables
from inventory.cs_plan import cs_variables
from inventory.database_plan import database_variables
from inventory.desktop_plan import desktop_variables
from inventory.gaiji import load as registers
from inventory.gaiji import table
from inventory.load import load
from inventory.monitoring import monitoring_variables
from inventory.openings import admissions
from inventory.plan import plan
from inventory.problem import InvalidDeclarationError
from inventory.topology import Host, Interface, Peer, Site, Topology

Variables = dict[str, Any]

FIRST_CLASS = 0x10
"""Minor number of an interface's first declared class; those below are the router's own."""

GAIJI_ROLES = ("app", "pc", "print")
"""What hosts with names of people do."""


def ansible_inventory(topology: Topology) -> Variables:
    """Groups of host names, and every host's variables under ``_meta``, as Ansible wants them."""
    return {
        "_meta": {"hostvars": {host.name: host_variables(topology, host) for host in topology.hosts()}},
        **{name: {"hosts": hosts} for name, hosts in sorted(groups(topology).items())},
    }


def groups(topology: Topology) -> dict[str, list[str]]:
    """Group name to host names: by what a host does, by site (``site_konan``), role (``role_app``), zone."""
    members: dict[str, list[str]] = defaultdict(list)
    for site in topology.sites:
        for host in site.hosts:
            for group in (part(site, host), f"site_{site.name}", f"role_{host.role}"):
                members[group].append(host.name)
            if host.zone:
                members[f"zone_{host.zone}"].append(host.name)
            if host.is_router:
                members["routers"].append(host.name)
    return dict(members)


def gaiji_group(topology: Topology, folder: Path | None) -> Variables:
    """The hosts on which names of people are typed, kept or printed, with the table of characters as JSON.

    Raises InvalidDeclarationError, also for a register whose characters have no spelling yet.
    """
    merged = registers.settled(registers.load(folder), folder)
    hosts = [host.name for host in topology.hosts() if host.role in GAIJI_ROLES]
    return {"hosts": hosts, "vars": {"gaiji_table": table.unparse(table.table(merged))}}


def part(site: Site, host: Host) -> str:
    """What a host is in the cloud: an edge of a center, a city's edge, a server or a terminal."""
    if host.is_router:
        return "city_edges" if site.kind == "city" else "edges"
    return "servers" if host.routing else "terminals"


def host_variables(topology: Topology, host: Host) -> Variables:
    """The host's plan, with what it must know of the rest of the cloud worked out."""
    site = topology.site(host.site)
    variables: Variables = {
        "site": site.name,
        "zone": host.zone,
        "forwards": host.is_router,
        "management": {"address": host.management, "gateway": management_gateway(site)},
        "interfaces": [interface_variables(host, interface) for interface in host.interfaces],
        "gateway": host.gateway,
        "names": known_names(topology, host),
        "admits": [admission._asdict() for admission in admissions(topology, host)],
        **database_variables(topology, host),
        **desktop_variables(topology, host),
        **business_variables(topology, host),
        **monitoring_variables(topology, host),
    }
    if host.role in {"db", "file", "store"}:
        variables["backups"] = backup_variables(topology.backups)
        variables["cities"] = [city.name for city in topology.cities]
    variables |= cs_variables(topology, host)
    if host.routing:
        variables["routing"] = host.routing.model_dump(
            mode="json", include={"asn", "router_id", "originates"}
        )
        variables["bfd"] = bfd(topology)
    if host.routing and host.is_router:
        variables["routing"]["peers"] = [peer_variables(topology, peer) for peer in host.routing.peers]
        variables["zones"] = router_zones(topology, host)
    if host.peers_with:
        variables["routing"]["edges"] = list(host.peers_with)
        variables["routing"]["interface"] = f"lan-{host.zone}"
        variables["routing"]["elsewhere"] = elsewhere(topology, host)
    if host.routing:
        variables["routing"]["watched"] = watched(topology, host)
    return variables


def peer_variables(topology: Topology, peer: Peer) -> Variables:
    """A router's session; ``ours``: whether the other end is configured from here as well."""
    return {**peer.model_dump(mode="json"), "ours": is_ours(topology, peer)}


def is_ours(topology: Topology, peer: Peer) -> bool:
    """Whether the other end of a session is configured from here, and so can be given a password."""
    return topology.host(peer.name).platform == "incus"


def watched(topology: Topology, host: Host) -> list[Variables]:
    """The interfaces on which BFD watches neighbours: how often this host sends, the name of the sessions' password.

    One password a line, one a center's part of a zone: whoever holds one can speak on that network only. None where
    the other end is not configured from here.
    """
    assert host.routing is not None  # noqa: S101 - asked of hosts that route only; this is for the type checker
    routers = [
        {
            "interface": peer.interface,
            "secret": secret(host, peer.interface) if is_ours(topology, peer) else "",
            "sends_ms": topology.bfd_interval_ms,
        }
        for peer in host.routing.peers
    ]
    served = host.routing.serves or ((f"lan-{host.zone}",) if host.peers_with else ())
    sends_ms = topology.bfd_edge_interval_ms if host.is_router else topology.bfd_server_interval_ms
    return routers + [
        {"interface": name, "secret": secret(host, name), "sends_ms": sends_ms} for name in served
    ]


def secret(host: Host, interface: str) -> str:
    """Name of the BFD password of the network that ``interface`` of ``host`` is in: the same at both ends."""
    return f"routing/bfd/{ip_interface(host.interface(interface).address).network}"


def elsewhere(topology: Topology, host: Host) -> list[str]:
    """The prefixes of the host's zone at all other sites: whom it may have to answer."""
    zones = (site.zones for site in topology.sites if site.name != host.site)
    return [prefixes[host.zone] for prefixes in zones if host.zone in prefixes]


def bfd(topology: Topology) -> Variables:
    """How often a neighbour may send at most, and how many packets may be missed."""
    return {"interval_ms": topology.bfd_interval_ms, "multiplier": topology.bfd_multiplier}


def management_gateway(site: Site) -> str:
    """The address from which people and Ansible come in to ``site``'s hosts."""
    gateway = next(network.gateway for network in site.networks if network.kind == "management")
    return str(gateway).split("/")[0]


def interface_variables(host: Host, interface: Interface) -> Variables:
    """An interface and, where a carrier limits it, its classes; one class takes all where none is declared.

    A class's ``id`` is its minor number below 1:, on which shaping and the packet filter must agree;
    ``default`` marks the class of what no port claims.
    """
    declared = host.routing.classes.get(interface.name, ()) if host.routing else ()
    classes = [traffic_class.model_dump(mode="json") for traffic_class in declared]
    if interface.rate_bps and not classes:
        rate = interface.rate_bps
        classes = [{"name": "all", "guarantee_bps": rate, "ceiling_bps": rate, "priority": 0, "ports": []}]
    for number, traffic_class in enumerate(classes, start=FIRST_CLASS):
        traffic_class.update(id=f"{number:x}", default=not traffic_class["ports"])
    return {
        "name": interface.name,
        "address": interface.address,
        "rate_bps": interface.rate_bps,
        "classes": classes,
    }


def known_names(topology: Topology, host: Host) -> list[Variables]:
    """Names and addresses for /etc/hosts: a city knows itself and the centers, and hears of no other city.

    A host in a zone knows that zone's addresses only; a router is in all zones and knows every one.
    """
    here = topology.site(host.site)
    sites = [site for site in topology.sites if here.kind != "city" or site.kind != "city" or site is here]
    names: list[Variables] = []
    for other in (other for site in sites for other in site.hosts if other != host):
        for interface in other.interfaces:
            visible = interface.name == f"lan-{host.zone}" or (host.is_router and other.zone is not None)
            if visible and interface.name.startswith("lan-"):
                names.append({"name": other.name, "address": interface.address.split("/")[0]})
    if host.is_router or host.zone == topology.cs.zone:
        names.append({"name": topology.cs.name, "address": topology.cs.address})
    return names


def router_zones(topology: Topology, host: Host) -> list[Variables]:
    """What a router may forward: for each zone its own prefix, and the zone's other prefixes by interface."""
    here = topology.site(host.site)
    zone_of = {prefix: zone for site in topology.sites for zone, prefix in site.zones.items()}
    assert host.routing is not None  # noqa: S101 - a router always has one; this is for the type checker
    behind = [(peer.interface, prefix) for peer in host.routing.peers for prefix in peer.accept]
    return [
        {
            "name": zone,
            "interface": f"lan-{zone}",
            "prefix": prefix,
            "serves": f"lan-{zone}" in host.routing.serves,
            "remote": [
                {"interface": interface, "prefix": remote}
                for interface, remote in behind
                if zone_of.get(remote) == zone
            ],
        }
        for zone, prefix in here.zones.items()
    ]


def main(arguments: list[str]) -> int:
    """Print what Ansible asks for. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Ansible's inventory of the declared cloud.")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--list", action="store_true", help="all groups and every host's variables")
    wanted.add_argument("--host", metavar="NAME", help="one host's variables")
    options = parser.parse_args(arguments)
    named = os.environ.get("OMI_INVENTORY")
    folder = Path(named) if named else None
    try:
        topology = plan(load(folder))
        inventory = {**ansible_inventory(topology), "gaiji": gaiji_group(topology, folder)}
    except InvalidDeclarationError as error:
        print(error, file=sys.stderr)
        return 2
    answer = inventory if options.list else inventory["_meta"]["hostvars"].get(options.host, {})
    print(json.dumps(answer, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
