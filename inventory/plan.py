"""From what is declared to what will stand: pure arithmetic, so that it can be checked before it exists.

A city's part is a function of the cloud file and that city alone; the centers' part lists the cities,
because an edge router there has one interface a line. That is why a newcomer changes nothing of those who
are in.
"""

from __future__ import annotations

from inventory.centers import backup_center, data_center
from inventory.city_hall import city_hall
from inventory.cs_plan import shared_address
from inventory.digest import digest
from inventory.model import Cloud
from inventory.topology import Topology


def plan(cloud: Cloud) -> Topology:
    """The topology that ``cloud`` declares."""
    file = cloud.file
    center = data_center(file, cloud.cities)
    return Topology(
        name=file.name,
        digest=digest(cloud),
        bfd_interval_ms=round(file.bfd.interval.base * 1000),
        bfd_server_interval_ms=round(file.bfd.server_interval.base * 1000),
        bfd_edge_interval_ms=round(file.bfd.edge_interval.base * 1000),
        bfd_multiplier=file.bfd.multiplier,
        openings=file.openings,
        backups=file.backups,
        cs=shared_address(center),
        databases=file.databases,
        desktops=file.desktops,
        watching=file.watching,
        standard_system=file.standard_system,
        sites=(
            center,
            backup_center(file, cloud.cities),
            *(city_hall(file, city) for city in cloud.cities),
        ),
    )
