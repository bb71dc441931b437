"""The rated links between sites: whose they are, what they carry, and their place among a city's /31 prefixes."""

from __future__ import annotations

from inventory import addressing as at
from inventory.model import City, CloudFile
from inventory.topology import Link


def city_lines(city: City) -> tuple[Link, ...]:
    """The lines to the data center, numbered as written."""
    return tuple(
        Link(
            name=f"c{city.number}-line{n}",
            kind="line",
            near=f"{city.name}-ce1",
            near_interface=f"line{n}",
            far=line.lands_on,
            far_interface=f"c{city.number}l{n}",
            rate_bps=line.rate.bps,
        )
        for n, line in enumerate(city.lines, start=1)
    )


def disaster_access(file: CloudFile, city: City) -> Link:
    """The city's way straight to the backup center."""
    return Link(
        name=f"c{city.number}-access",
        kind="access",
        near=f"{city.name}-ce1",
        near_interface="access0",
        far="bc-edge1",
        far_interface=f"c{city.number}a",
        rate_bps=file.backup_center.access.bps,
    )


def link_slot(link: Link) -> int:
    """The link's place among its city's /31 prefixes."""
    return at.ACCESS_SLOT if link.kind == "access" else int(link.near_interface.removeprefix("line")) - 1


def replication_legs(file: CloudFile) -> tuple[Link, ...]:
    """The replication link's legs, in order of preference."""
    return tuple(
        Link(
            name=f"repl{n}",
            kind="replication",
            near="bc-edge1",
            near_interface=f"repl{n}",
            far=edge,
            far_interface=f"repl{n}",
            rate_bps=file.replication.rate.bps,
        )
        for n, edge in enumerate(file.replication.legs, start=1)
    )
