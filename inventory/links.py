"""The rated links between sites, and what the router at either end has of them: interface and session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from netaddr import IPNetwork

from inventory import addressing
from inventory.building_blocks import zone_prefixes
from inventory.identity import BACKUP_CENTER, DATA_CENTER, Identity, city_identity
from inventory.model import City, CloudFile
from inventory.topology import Interface, Link, Network, Peer

LINE_PREFERENCE = 100
LAST_RESORT = 50
"""Of what is learned over a disaster access: any line is better."""
ACTIVE_LEG, STANDBY_LEG = 200, 150
"""Of the replication leg that carries, and of those that stand by."""


class End(NamedTuple):
    """One end of a connection."""

    site: Identity
    router: str
    interface: str
    address: IPNetwork


@dataclass(frozen=True)
class Connection:
    """A link and its two ends; the near end's site owns it and numbers it."""

    name: str
    kind: Literal["line", "access", "replication"]
    rate_bps: int
    preference: int
    """Local preference, at both ends, of what is learned over it."""
    near: End
    far: End

    def link(self) -> Link:
        """The link as the topology lists it."""
        return Link(
            name=self.name,
            kind=self.kind,
            near=self.near.router,
            near_interface=self.near.interface,
            far=self.far.router,
            far_interface=self.far.interface,
            rate_bps=self.rate_bps,
        )

    def network(self) -> Network:
        """The network that the two ends share."""
        sites = (self.near.site.name, self.far.site.name)
        return Network(name=self.name, kind=self.kind, prefix=str(self.near.address.cidr), sites=sites)

    def attachment(self, file: CloudFile, router: str) -> tuple[Interface, Peer]:
        """What ``router``, at one of the ends, has of it. A site is believed about its own zones only."""
        mine, theirs = (self.near, self.far) if router == self.near.router else (self.far, self.near)
        interface = Interface(
            name=mine.interface, network=self.name, address=str(mine.address), rate_bps=self.rate_bps
        )
        peer = Peer(
            name=theirs.router,
            kind=self.kind,
            interface=mine.interface,
            address=str(theirs.address.ip),
            asn=theirs.site.asn,
            accept=tuple(zone_prefixes(file, theirs.site).values()),
            announce=tuple(zone_prefixes(file, mine.site).values()),
            preference=self.preference,
        )
        return interface, peer


def attachments(
    file: CloudFile, router: str, connections: Iterable[Connection]
) -> tuple[list[Interface], list[Peer]]:
    """What ``router`` has of those of the ``connections`` that end there."""
    ends = [
        one.attachment(file, router) for one in connections if router in (one.near.router, one.far.router)
    ]
    return [interface for interface, _ in ends], [peer for _, peer in ends]


def city_lines(city: City) -> tuple[Connection, ...]:
    """The lines to the data center, numbered as written."""
    site = city_identity(city)
    return tuple(
        connection(
            f"{site.tag}-line{number}",
            "line",
            line.rate.bps,
            LINE_PREFERENCE,
            near=(site, f"{site.name}-ce1", f"line{number}"),
            far=(DATA_CENTER, line.lands_on, f"{site.tag}l{number}"),
            slot=number - 1,
        )
        for number, line in enumerate(city.lines, start=1)
    )


def disaster_access(file: CloudFile, city: City) -> Connection:
    """The city's way straight to the backup center."""
    site = city_identity(city)
    return connection(
        f"{site.tag}-access",
        "access",
        file.backup_center.access.bps,
        LAST_RESORT,
        near=(site, f"{site.name}-ce1", "access0"),
        far=(BACKUP_CENTER, "bc-edge1", f"{site.tag}a"),
        slot=addressing.ACCESS_SLOT,
    )


def replication_legs(file: CloudFile) -> tuple[Connection, ...]:
    """The replication link's legs, in order of preference."""
    return tuple(
        connection(
            f"repl{number}",
            "replication",
            file.replication.rate.bps,
            ACTIVE_LEG if number == 1 else STANDBY_LEG,
            near=(BACKUP_CENTER, "bc-edge1", f"repl{number}"),
            far=(DATA_CENTER, edge, f"repl{number}"),
            slot=number - 1,
        )
        for number, edge in enumerate(file.replication.legs, start=1)
    )


def connection(
    name: str,
    kind: Literal["line", "access", "replication"],
    rate_bps: int,
    preference: int,
    *,
    near: tuple[Identity, str, str],
    far: tuple[Identity, str, str],
    slot: int,
) -> Connection:
    """A connection on the near site's ``slot``-th /31 prefix; ends are (site, router, interface)."""
    far_address, near_address = addressing.point_to_point(near[0].octet, slot)
    return Connection(name, kind, rate_bps, preference, End(*near, near_address), End(*far, far_address))
