"""Who asks whom, and for what: the monitors' targets and what each host has to show. Pure.

A monitor asks the hosts of its own center over the management network, which nothing else crosses, and the databases
of both centers and the other monitor over its zone. Why: docs/decisions/0081.
"""

from __future__ import annotations

from typing import Any

from inventory import cs_plan
from inventory.alerts import rules
from inventory.database_plan import with_role
from inventory.topology import Host, Site, Topology

NODE, PROXY, DATABASE, MONITOR = 9100, 8404, 8008, 9090
"""Ports: the host's own figures, HAProxy's, Patroni's, and Prometheus itself."""
AUTHORITY = "/etc/omi/pki/authority.pem"

EXPECTED: dict[str, tuple[str, ...]] = {
    "app": ("omi-business.service",),
    "broker": ("haproxy.service",),
    "ca": ("certificate-authority.service", "haproxy.service"),
    "cs": ("keepalived.service", "nginx.service", "omi-cs.service"),
    "db": ("database-guard.service", "etcd.service", "patroni.service"),
    "desk": ("desktop-agent.service", "xrdp-sesman.service", "xrdp.service"),
    "edge": ("shaping.service",),
    "etcd": ("etcd.service",),
    "monitor": ("prometheus.service",),
    "profile": ("desktop-profiles.service",),
    "proxy": ("haproxy.service",),
}
"""Role to the units that run on each of its hosts."""
STORES = {"kikan": ("pgbackrest.service",), "joho": ("omi-restic.service",)}
"""Zone to what runs on the stores in it: databases are kept in the one, files in the other."""
EVERYWHERE = ("bird.service", "nftables.service", "ssh.service")
KEEPS_BACKUPS = "store"
BALANCED = {"proxy": ("global", "frontend", "backend"), "broker": ("global", "frontend", "backend", "server")}
"""Role of hosts with HAProxy to what is asked of it. Of a broker also each server: which session host is lost."""


def centers(topology: Topology) -> tuple[Site, Site]:
    """The two sites that are watched; what lies beyond is seen from their edge routers."""
    return topology.data_center, topology.backup_center


def monitoring_variables(topology: Topology, host: Host) -> dict[str, Any]:
    """What a host of a center shows and to whom; and on a monitor, all that it has to ask and to judge."""
    site = topology.site(host.site)
    if site not in centers(topology):
        return {}
    variables: dict[str, Any] = {"exporters": exporters(topology, host)}
    if host.role == "monitor":
        variables["monitoring"] = {
            "config": configuration(topology, host),
            "rules": rules(topology),
            "kept_days": round(topology.watching.kept.base / 86400),
        }
    return variables


def exporters(topology: Topology, host: Host) -> dict[str, Any]:
    """The ports that the site's monitors may ask at, the units that should run, what else it has."""
    own = with_role(topology.site(host.site), "monitor")
    return {
        "monitors": [monitor.management for monitor in own if monitor != host],
        "ports": [NODE, PROXY] if host.role in BALANCED else [NODE],
        "services": services(host),
        "keeps_backups": host.role == KEEPS_BACKUPS,
        "peers": lines(host),
        "volumes": [{"path": volume.path, "bytes": volume.size} for volume in host.volumes],
        "cs": cs_service(topology, host),
    }


def cs_service(topology: Topology, host: Host) -> dict[str, Any]:
    """What a CS server's reader has to know; nothing for any other host."""
    if host.name not in topology.cs.hosts:
        return {}
    cities = [city.name for city in topology.entitled(cs_plan.SERVICE)]
    return {"check": cs_plan.CHECK, "tag": cs_plan.TAG, "cities": cities}


def services(host: Host) -> list[str]:
    """The units that ought to run on a host."""
    kept = STORES.get(host.zone or "", ()) if host.role == KEEPS_BACKUPS else ()
    return sorted({*EVERYWHERE, *EXPECTED.get(host.role, ()), *kept})


def lines(host: Host) -> list[dict[str, str]]:
    """The sessions that a router ought to have, with the names that people know them by."""
    if not host.is_router or host.routing is None:
        return []
    return [
        {"address": peer.address, "peer": peer.name, "kind": peer.kind, "interface": peer.interface}
        for peer in host.routing.peers
    ]


def configuration(topology: Topology, monitor: Host) -> dict[str, Any]:
    """Prometheus' own file, for one monitor."""
    every = round(topology.watching.every.base)
    clock = {
        "scrape_interval": f"{every}s",
        "scrape_timeout": f"{max(every - 1, 1)}s",
        "evaluation_interval": f"{every}s",
    }
    return {
        "global": {**clock, "external_labels": {"monitor": monitor.name}},
        "rule_files": ["/etc/prometheus/rules/*.yml"],
        "scrape_configs": [job for job in jobs(topology, monitor) if job["static_configs"]],
    }


def jobs(topology: Topology, monitor: Host) -> list[dict[str, Any]]:
    """All that a monitor asks. What is beyond its own center is asked through its zone, by the declared openings."""
    own = topology.site(monitor.site)
    far = [host for site in centers(topology) for host in site.hosts if host.zone == monitor.zone]
    databases = [host for host in far if host.role == "db"]
    others = [host for host in far if host.role == "monitor" and host != monitor]
    return [
        job("node", [(host, f"{host.management}:{NODE}") for host in own.hosts]),
        *(
            job(role, [(host, f"{host.management}:{PROXY}") for host in with_role(own, role)])
            | {"params": {"scope": list(scope)}}
            for role, scope in BALANCED.items()
        ),
        {
            **job("database", [(host, f"{zone_address(host)}:{DATABASE}") for host in databases]),
            "scheme": "https",
            "tls_config": {"ca_file": AUTHORITY},
        },
        job("monitor", [(host, f"{zone_address(host)}:{MONITOR}") for host in others]),
    ]


def job(name: str, targets: list[tuple[Host, str]]) -> dict[str, Any]:
    """A list of hosts that are asked the same."""
    return {
        "job_name": name,
        "static_configs": [
            {"targets": [target], "labels": {"host": host.name, "site": host.site, "role": host.role}}
            for host, target in targets
            if host.platform == "incus"
        ],
    }


def zone_address(host: Host) -> str:
    """A host's address in its zone."""
    return host.interface(f"lan-{host.zone}").ip
