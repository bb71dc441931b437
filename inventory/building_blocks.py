"""What every site is made of: zones, networks, routers and hosts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inventory import addressing
from inventory.identity import Identity
from inventory.model import CloudFile, HostGroup, Platform
from inventory.topology import Host, Interface, Network, Peer, Routing, TrafficClassPlan


def zone_prefixes(file: CloudFile, site: Identity) -> dict[str, str]:
    """Zone name to the zone's prefix at the site."""
    return {zone.name: str(addressing.within(site.octet, zone.subnet)) for zone in file.zones}


def subnet_of(file: CloudFile, zone: str | None) -> str:
    """The declared subnet of ``zone``. Raises KeyError if there is no such zone."""
    for candidate in file.zones:
        if candidate.name == zone:
            return candidate.subnet
    raise KeyError(zone)


def zone_interface(file: CloudFile, site: Identity, zone: str, number: int) -> Interface:
    """An interface in ``zone`` at the ``number``-th address."""
    address = addressing.host_in(site.octet, subnet_of(file, zone), number)
    return Interface(name=f"lan-{zone}", network=f"{site.tag}-{zone}", address=str(address))


def management_address(site: Identity, number: int) -> str:
    """The ``number``-th address of the site's management network, without a length."""
    return str(addressing.host_in(site.octet, addressing.MANAGEMENT, number).ip)


def site_networks(file: CloudFile, site: Identity) -> tuple[Network, ...]:
    """The management network and one network a zone."""
    management = Network(
        name=f"{site.tag}-mgmt",
        kind="management",
        prefix=str(addressing.within(site.octet, addressing.MANAGEMENT)),
        gateway=str(addressing.host_in(site.octet, addressing.MANAGEMENT, 1)),
        sites=(site.name,),
    )
    zones = (
        Network(name=f"{site.tag}-{zone}", kind="zone", prefix=prefix, zone=zone, sites=(site.name,))
        for zone, prefix in zone_prefixes(file, site).items()
    )
    return management, *zones


def router(
    file: CloudFile,
    site: Identity,
    name: str,
    number: int,
    *,
    interfaces: Sequence[Interface],
    peers: Sequence[Peer],
    platform: Platform = "incus",
) -> Host:
    """The ``number``-th router of ``site``: in every zone, with the classes of each replication leg."""
    role = name.removeprefix(f"{site.name}-").rstrip("0123456789")
    in_zones = (zone_interface(file, site, zone.name, number) for zone in file.zones)
    return Host(
        name=name,
        site=site.name,
        role=role,
        zone=None,
        platform=platform,
        management=management_address(site, number + 1),
        interfaces=(*in_zones, *interfaces),
        routing=Routing(
            asn=site.asn,
            router_id=addressing.loopback(site.octet, number),
            peers=tuple(peers),
            originates=tuple(zone_prefixes(file, site).values()),
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


def zone_hosts(file: CloudFile, site: Identity, groups: Iterable[HostGroup]) -> tuple[Host, ...]:
    """The declared hosts of a site; several groups of one role are numbered through."""
    hosts: list[Host] = []
    for group in groups:
        for at in range(group.at, group.at + group.count):
            number = 1 + sum(host.role == group.role for host in hosts)
            hosts.append(
                Host(
                    name=f"{site.name}-{group.role}{number}",
                    site=site.name,
                    role=group.role,
                    zone=group.zone,
                    platform=group.platform,
                    management=management_address(site, at),
                    interfaces=(zone_interface(file, site, group.zone, at),),
                )
            )
    return tuple(hosts)
