"""One city hall: its router, its lines, its terminals. Nothing here looks at any other city."""

from __future__ import annotations

from inventory import addressing as at
from inventory.building_blocks import (
    router,
    site_networks,
    subnet_of,
    zone_hosts,
    zone_interface,
    zone_prefixes,
)
from inventory.links import city_lines, disaster_access, link_slot
from inventory.model import City, CloudFile
from inventory.topology import Host, Interface, Link, Network, Peer, Site

LAST_RESORT = 50
"""Local preference of what is learned over the disaster access: any line is better."""


def city_hall(file: CloudFile, city: City) -> Site:
    """One city hall: its router, its lines, its terminals. Depends on no other city."""
    octet, tag = city.number, f"c{city.number}"
    zones = zone_prefixes(file, octet)
    links = (*city_lines(city), disaster_access(file, city))
    return Site(
        name=city.name,
        kind="city",
        title_en=city.title.en,
        title_ja=city.title.ja,
        octet=octet,
        tag=tag,
        asn=at.city_asn(city.number),
        prefix=str(at.site_prefix(octet)),
        zones=zones,
        networks=(*site_networks(city.name, octet, tag, zones), *city_link_networks(city, links)),
        hosts=(city_router(file, city, links), *terminals(file, city)),
        links=links,
        services=city.services,
    )


def city_link_networks(city: City, links: tuple[Link, ...]) -> tuple[Network, ...]:
    """The network under each of the city's links."""
    return tuple(
        Network(
            name=link.name,
            kind="line" if link.kind == "line" else "access",
            prefix=str(at.point_to_point(city.number, link_slot(link))[0].cidr),
            sites=(city.name, link.far.split("-")[0]),
        )
        for link in links
    )


def city_router(file: CloudFile, city: City, links: tuple[Link, ...]) -> Host:
    """The city's edge router: believes the centers about their own zones, announces the city's, nothing else."""
    octet = city.number
    interfaces = [zone_interface(file, octet, f"c{octet}", zone.name, 1) for zone in file.zones]
    peers = []
    for link in links:
        far, near = at.point_to_point(octet, link_slot(link))
        center = at.DATA_CENTER_OCTET if link.kind == "line" else at.BACKUP_CENTER_OCTET
        interfaces.append(
            Interface(name=link.near_interface, network=link.name, address=str(near), rate_bps=link.rate_bps)
        )
        peers.append(
            Peer(
                name=link.far,
                kind="line" if link.kind == "line" else "access",
                interface=link.near_interface,
                address=str(far.ip),
                asn=at.DATA_CENTER_ASN if link.kind == "line" else at.BACKUP_CENTER_ASN,
                accept=tuple(zone_prefixes(file, center).values()),
                announce=tuple(zone_prefixes(file, octet).values()),
                preference=100 if link.kind == "line" else LAST_RESORT,
            )
        )
    return router(
        city.name, octet, "ce", 1, interfaces, at.city_asn(octet), peers, file, platform=city.router
    )


def terminals(file: CloudFile, city: City) -> tuple[Host, ...]:
    """The hosts behind the city's router: they know one gateway and no routing."""
    return tuple(
        host.model_copy(update={"gateway": str(at.host_in(city.number, subnet_of(file, host.zone), 1).ip)})
        for host in zone_hosts(file, city.name, city.number, f"c{city.number}", city.hosts)
    )
