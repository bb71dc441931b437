"""What every site is made of: zones, networks, routers and hosts."""

from __future__ import annotations

from inventory import addressing as at
from inventory.model import CloudFile, HostGroup, Platform
from inventory.topology import Host, Interface, Network, Peer, Routing, TrafficClassPlan


def zone_prefixes(file: CloudFile, octet: int) -> dict[str, str]:
    """Zone name to the zone's prefix at the site."""
    return {zone.name: str(at.within(octet, zone.subnet)) for zone in file.zones}


def subnet_of(file: CloudFile, zone: str | None) -> str:
    """The declared subnet of ``zone``. Raises KeyError if there is no such zone."""
    for candidate in file.zones:
        if candidate.name == zone:
            return candidate.subnet
    raise KeyError(zone)


def zone_interface(file: CloudFile, octet: int, tag: str, zone: str, number: int) -> Interface:
    """An interface in ``zone`` at the ``number``-th address."""
    return Interface(
        name=f"lan-{zone}",
        network=f"{tag}-{zone}",
        address=str(at.host_in(octet, subnet_of(file, zone), number)),
    )


def site_networks(site: str, octet: int, tag: str, zones: dict[str, str]) -> tuple[Network, ...]:
    """The management network and one network a zone."""
    management = Network(
        name=f"{tag}-mgmt",
        kind="management",
        prefix=str(at.within(octet, at.MANAGEMENT)),
        gateway=str(at.host_in(octet, at.MANAGEMENT, 1)),
        sites=(site,),
    )
    return (
        management,
        *(
            Network(name=f"{tag}-{zone}", kind="zone", prefix=prefix, zone=zone, sites=(site,))
            for zone, prefix in zones.items()
        ),
    )


def router(
    site: str,
    octet: int,
    role: str,
    number: int,
    interfaces: list[Interface],
    asn: int,
    peers: list[Peer],
    file: CloudFile,
    platform: Platform = "incus",
) -> Host:
    """A router of ``site``, with the classes of every replication leg it holds."""
    return Host(
        name=f"{site}-{role}{number}",
        site=site,
        role=role,
        zone=None,
        platform=platform,
        management=str(at.host_in(octet, at.MANAGEMENT, number + 1).ip),
        interfaces=tuple(interfaces),
        routing=Routing(
            asn=asn,
            router_id=at.loopback(octet, number),
            peers=tuple(peers),
            originates=tuple(zone_prefixes(file, octet).values()),
            serves=tuple(f"lan-{zone.name}" for zone in file.zones) if role == "edge" else (),
            classes={
                peer.interface: replication_classes(file) for peer in peers if peer.kind == "replication"
            },
        ),
    )


def replication_classes(file: CloudFile) -> tuple[TrafficClassPlan, ...]:
    """The replication link's classes, in bit/s."""
    rate = file.replication.rate.bps
    return tuple(
        TrafficClassPlan(
            name=declared.name,
            guarantee_bps=round(rate * declared.guarantee.base),
            ceiling_bps=rate,
            priority=declared.priority,
            ports=declared.ports,
        )
        for declared in file.replication.classes
    )


def zone_hosts(
    file: CloudFile, site: str, octet: int, tag: str, groups: tuple[HostGroup, ...]
) -> tuple[Host, ...]:
    """The declared hosts of a site; several groups of one role are numbered through."""
    hosts: list[Host] = []
    seen: dict[str, int] = {}
    for group in groups:
        for position in range(group.count):
            seen[group.role] = seen.get(group.role, 0) + 1
            hosts.append(
                Host(
                    name=f"{site}-{group.role}{seen[group.role]}",
                    site=site,
                    role=group.role,
                    zone=group.zone,
                    platform=group.platform,
                    management=str(at.host_in(octet, at.MANAGEMENT, group.at + position).ip),
                    interfaces=(zone_interface(file, octet, tag, group.zone, group.at + position),),
                )
            )
    return tuple(hosts)
