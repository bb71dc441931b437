"""The CS servers' virtual address, and what each of the pair must know. Pure."""

from __future__ import annotations

from typing import Any

from inventory import addressing
from inventory.building_blocks import subnet_of
from inventory.model import CloudFile
from inventory.topology import Host, Site, Topology, VirtualAddress

ROLE = "cs"
SERVICE = "juki"
"""The service whose cities may call."""
CHECK, TAG = "/usr/local/lib/omi/cs-ready", "omi_cs"
"""What keepalived asks on a host, and how nginx' lines are marked in its journal (role cs_server)."""
HIGHEST_PRIORITY = 200
"""VRRP's number of the first of the pair; each next one has less. It decides only when two begin at once."""


def sharing(file: CloudFile, octet: int, host: Host) -> Host:
    """``host`` with the virtual address of its role, if it is a CS server."""
    if host.role != ROLE:
        return host
    address = addressing.host_in(octet, subnet_of(file, host.zone), file.cs.at)
    return host.model_copy(update={"shares": (str(address.ip),)})


def shared_address(site: Site) -> VirtualAddress:
    """The address that the CS servers of ``site`` share. The rules see to it that there are such."""
    hosts = [host for host in site.hosts if host.role == ROLE]
    names = tuple(host.name for host in hosts)
    (address,) = hosts[0].shares
    return VirtualAddress(name=f"{site.name}-{ROLE}", zone=str(hosts[0].zone), address=address, hosts=names)


def holders(topology: Topology, address: VirtualAddress) -> list[Host]:
    """The hosts that may have the address, in the order of the declaration."""
    return [topology.host(name) for name in address.hosts]


def cs_variables(topology: Topology, host: Host) -> dict[str, Any]:
    """What a CS server knows of the pair and of the cities; nothing for any other host."""
    address = topology.cs
    if host.name not in address.hosts:
        return {}
    card = f"lan-{address.zone}"
    place = address.hosts.index(host.name)
    return {
        "cs": {
            "name": address.name,
            "address": address.address,
            "interface": card,
            "router": int(address.address.rsplit(".", 1)[1]),
            "priority": HIGHEST_PRIORITY - 10 * place,
            "own": host.interface(card).ip,
            "fellows": [o.interface(card).ip for o in holders(topology, address) if o != host],
            "cities": {city.name: city.zones[address.zone] for city in topology.entitled(SERVICE)},
        }
    }
