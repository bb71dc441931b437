"""Which host does what for the business systems and for joint printing. Pure.

An application host is in service at its own center's proxies; the other center's stand by.
"""

from __future__ import annotations

from typing import Any

from inventory.database_plan import databases, with_role
from inventory.topology import Host, Site, Topology

APPLICATION_PORT = 8000
STANDARD = "standard"
PRINTING = "print"


def business_variables(topology: Topology, host: Host) -> dict[str, Any]:
    """What a host needs to know for its part; nothing for any other host."""
    parts = {"app": application, "proxy": front, "print": gateway, "drop": drop}
    part = parts.get(host.role)
    centers = {topology.data_center.name, topology.backup_center.name}
    return part(topology, host) if part and host.site in centers else {}


def near_first(topology: Topology, host: Host) -> list[Site]:
    """The centers, the host's own first."""
    centers = (topology.data_center, topology.backup_center)
    return sorted(centers, key=lambda site: site.name != host.site)


def application(topology: Topology, host: Host) -> dict[str, Any]:
    """An application host: cities and their databases, groups of functions, and the proxies around it."""
    proxies = [proxy.name for site in near_first(topology, host) for proxy in with_role(site, "proxy")]
    groups = topology.standard_system.groups
    return {
        "business": {
            "address": address(host),
            "port": APPLICATION_PORT,
            "proxies": proxies,
            "cities": [
                {
                    "name": city.name,
                    "title": city.title_ja,
                    "databases": {db.group: db.name for db in databases(topology) if db.city == city.name},
                }
                for city in topology.entitled(STANDARD)
            ],
            "groups": [
                {
                    "name": group.group,
                    "title": group.title.ja,
                    "functions": group.functions,
                    "named": list(group.named),
                }
                for group in groups
            ],
        }
    }


def front(topology: Topology, host: Host) -> dict[str, Any]:
    """A proxy: the application hosts behind it."""
    servers = [
        {
            "name": app.name,
            "address": address(app),
            "port": APPLICATION_PORT,
            "backup": site.name != host.site,
        }
        for site in near_first(topology, host)
        for app in with_role(site, "app")
    ]
    return {"business": {"address": address(host), "servers": servers}}


def gateway(topology: Topology, host: Host) -> dict[str, Any]:
    """The printing gateway: who may send, and where it hands over."""
    drops = with_role(topology.site(host.site), "drop")
    cities = [city.name for city in topology.entitled(PRINTING)]
    return {"printing": {"address": address(host), "cities": cities, "drop": drops[0].name}} if drops else {}


def drop(topology: Topology, host: Host) -> dict[str, Any]:
    """The printing firm's drop: who may hand over."""
    gateways = [other.name for other in with_role(topology.site(host.site), "print")]
    return {"printing": {"address": address(host), "gateways": gateways}}


def address(host: Host) -> str:
    """The host's address in its zone."""
    return host.interface(f"lan-{host.zone}").ip
