"""Which host is what in the databases' clusters, and which databases there are. Pure.

Each center is a cluster of its own with its own consensus: the data center's has members that take over from each
other by themselves, the backup center's follows and takes over only when a person decides so. Why: decision 0063.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from inventory.databases import MEBIBYTE, Databases
from inventory.model import Group
from inventory.topology import Host, Site, Topology, Volume

GROUPS: tuple[Group, ...] = ("resident_records", "tax", "social_security", "other")
SERVICE = "standard"
"""The service whose cities have databases."""


SHARED = {"shared_cs": ("shared_cs_app",)}
"""Databases that serve all cities, to the roles besides the owner that sign in there: what a service does every day
needs no right to change what its tables are."""


class Database(NamedTuple):
    """One city's data of one system group. The owner is called as the database is."""

    name: str
    city: str
    group: Group


def databases(topology: Topology) -> list[Database]:
    """Every database there ought to be, by city and group."""
    cities = [city.name for city in topology.entitled(SERVICE)]
    return [Database(f"{city}_{group}", city, group) for city in cities for group in GROUPS]


def volumes(declared: Databases, role: str) -> tuple[Volume, ...]:
    """The volumes of a host that has ``role``: the databases' log has one, so that it cannot fill the data's disk."""
    if role != "db":
        return ()
    return (Volume(name="wal", path="/var/lib/postgresql/wal", size=int(declared.log.volume.base)),)


def with_role(site: Site, *roles: str) -> list[Host]:
    """The hosts of ``site`` that have one of the roles, in the order of the declaration."""
    return [host for host in site.hosts if host.role in roles]


def endpoint(host: Host) -> dict[str, str]:
    """A host's name and its address in its zone."""
    return {"name": host.name, "address": host.interface(f"lan-{host.zone}").ip}


def cluster(site: Site) -> dict[str, Any]:
    """A center's cluster: members (PostgreSQL and Patroni), voters (etcd), and the proxies before them.

    Three voters outlive one; a center with one member has one voter, beside it.
    """
    return {
        "scope": site.name,
        "members": [endpoint(host) for host in with_role(site, "db")],
        "voters": [endpoint(host) for host in with_role(site, "db", "etcd")],
        "proxies": [endpoint(host) for host in with_role(site, "proxy")],
    }


def seconds(databases: Databases) -> dict[str, int]:
    """Patroni's timings in whole seconds."""
    takeover = databases.takeover
    return {name: round(getattr(takeover, name).base) for name in ("ttl", "loop", "retry")}


def mebibytes(databases: Databases) -> dict[str, int]:
    """The log's sizes and the shared memory, in whole MiB: never more than declared."""
    log = databases.log
    sizes = {name: getattr(log, name) for name in ("volume", "between_checkpoints", "kept", "slot_cap")}
    sizes["shared"] = databases.memory.shared
    return {name: int(size.base // MEBIBYTE) for name, size in sizes.items()}


def database_variables(topology: Topology, host: Host) -> dict[str, Any]:
    """What a host of the databases knows of them; nothing for any other host."""
    centers = (topology.data_center, topology.backup_center)
    if host.role not in {"db", "etcd", "proxy"} or host.site not in {site.name for site in centers}:
        return {}
    own, other = sorted(centers, key=lambda site: site.name != host.site)
    declared = topology.databases
    return {
        "database": {
            "cluster": cluster(own),
            "other": cluster(other),
            "follows": own is topology.backup_center,
            "synchronous": declared.data_center.commit == "synchronous",
            "seconds": seconds(declared),
            "mebibytes": mebibytes(declared),
            "sessions": declared.memory.sessions,
            "databases": [database._asdict() for database in databases(topology)],
            "shared": list(SHARED),
            "users": [{"name": user, "database": name} for name, users in SHARED.items() for user in users],
        }
    }
