"""One city hall: its router, its lines, its terminals. Nothing here looks at any other city."""

from __future__ import annotations

from inventory import addressing
from inventory.building_blocks import router, site_networks, subnet_of, zone_hosts, zone_prefixes
from inventory.identity import city_identity
from inventory.links import Connection, attachments, city_lines, disaster_access
from inventory.model import City, CloudFile
from inventory.topology import Host, Site


def city_hall(file: CloudFile, city: City) -> Site:
    """The city hall's site."""
    site = city_identity(city)
    connections = (*city_lines(city), disaster_access(file, city))
    return Site(
        name=site.name,
        kind="city",
        title_en=city.title.en,
        title_ja=city.title.ja,
        octet=site.octet,
        tag=site.tag,
        asn=site.asn,
        prefix=str(addressing.site_prefix(site.octet)),
        zones=zone_prefixes(file, site),
        networks=(*site_networks(file, site), *(one.network() for one in connections)),
        hosts=(city_router(file, city, connections), *terminals(file, city)),
        links=tuple(one.link() for one in connections),
        services=city.services,
    )


def city_router(file: CloudFile, city: City, connections: tuple[Connection, ...]) -> Host:
    """The city's edge router. It believes the centers about their own zones, and announces the city's."""
    site = city_identity(city)
    name = f"{site.name}-ce1"
    interfaces, peers = attachments(file, name, connections)
    return router(file, site, name, 1, interfaces=interfaces, peers=peers, platform=city.router)


def terminals(file: CloudFile, city: City) -> tuple[Host, ...]:
    """The hosts behind the city's router: they know one gateway and no routing."""
    return tuple(
        host.model_copy(
            update={"gateway": str(addressing.host_in(city.number, subnet_of(file, host.zone), 1).ip)}
        )
        for host in zone_hosts(file, city_identity(city), city.hosts)
    )
