"""How a city's client gets at the city's own database, by what is declared."""

from __future__ import annotations

from typing import Any

from inventory.database_plan import SERVICE
from inventory.topology import Host, Topology
from omi.drill.secrets import derived
from omi.drill.writers import Writer

GROUP = "resident_records"
AUTHORITY = "/etc/omi/pki/authority.pem"
CONNECT_TIMEOUT = 2
"""Seconds for each proxy in turn; libpq takes no less."""
UNHEARD_MS = 3000
"""Milliseconds after which a connection that gets no answer is given up. Not less: over a line that was cut, TCP
sends again after 0.2, 0.4, 0.8 s, and would be cut off just before it gets through."""


def writers(topology: Topology, master: str) -> list[Writer]:
    """One client for each city that has databases, on its first terminal in the databases' zone."""
    return [
        Writer(city.name, terminal(topology, city.hosts).name, connection(topology, city.name, master))
        for city in topology.entitled(SERVICE)
    ]


def terminal(topology: Topology, hosts: tuple[Host, ...]) -> Host:
    """The first of the hosts that is in the databases' zone."""
    return next(host for host in hosts if host.zone == proxies(topology)[0].zone)


def proxies(topology: Topology) -> list[Host]:
    """The databases' proxies, the data center's first."""
    centers = (topology.data_center, topology.backup_center)
    return [host for center in centers for host in center.hosts if host.role == "proxy"]


def connection(topology: Topology, city: str, master: str) -> dict[str, Any]:
    """libpq's parameters: any proxy behind which there is a primary."""
    owner = f"{city}_{GROUP}"
    return {
        "host": ",".join(host.name for host in proxies(topology)),
        "port": 5432,
        "dbname": owner,
        "user": owner,
        "password": derived(master, f"database/{owner}"),
        "sslmode": "verify-full",
        "sslrootcert": AUTHORITY,
        "target_session_attrs": "read-write",
        "connect_timeout": CONNECT_TIMEOUT,
        "tcp_user_timeout": UNHEARD_MS,
    }
