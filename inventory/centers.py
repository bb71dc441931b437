"""The data center and the backup center: edge routers with an interface a line, and servers that route for themselves."""

from __future__ import annotations

from inventory import addressing as at
from inventory.building_blocks import (
    router,
    site_networks,
    zone_hosts,
    zone_interface,
    zone_prefixes,
)
from inventory.city_hall import LAST_RESORT
from inventory.links import city_lines, disaster_access, link_slot, replication_legs
from inventory.model import City, CloudFile, HostGroup
from inventory.topology import Host, Interface, Link, Network, Peer, Routing, Site

PREFERRED, STANDBY = 200, 150
"""Local preferences of the replication leg that carries and of those that stand by."""


def data_center(file: CloudFile, cities: tuple[City, ...]) -> Site:
    """The data center: edge routers with the cities' lines, and the shared hosts."""
    octet, tag = at.DATA_CENTER_OCTET, "dc"
    edges = tuple(data_center_edge(file, cities, n) for n in range(1, file.data_center.edges + 1))
    return center(file, tag, octet, "data_center", at.DATA_CENTER_ASN, edges, file.data_center.hosts)


def backup_center(file: CloudFile, cities: tuple[City, ...]) -> Site:
    """The backup center: one edge router, the replication legs, and the hosts that hold the second copy."""
    octet, tag = at.BACKUP_CENTER_OCTET, "bc"
    edges = (backup_center_edge(file, cities),)
    site = center(file, tag, octet, "backup_center", at.BACKUP_CENTER_ASN, edges, file.backup_center.hosts)
    links = replication_legs(file)
    networks = tuple(
        Network(
            name=link.name,
            kind="replication",
            prefix=str(at.point_to_point(octet, slot)[0].cidr),
            sites=(tag, "dc"),
        )
        for slot, link in enumerate(links)
    )
    return site.model_copy(update={"links": links, "networks": (*site.networks, *networks)})


def data_center_edge(file: CloudFile, cities: tuple[City, ...], number: int) -> Host:
    """An edge router of the data center, with an interface for each line that lands on it."""
    octet, name = at.DATA_CENTER_OCTET, f"dc-edge{number}"
    interfaces = [zone_interface(file, octet, "dc", zone.name, number) for zone in file.zones]
    interfaces.append(
        Interface(name="core0", network="dc-core", address=str(at.host_in(octet, at.CORE, number)))
    )
    peers = []
    for city in cities:
        links = tuple(link for link in city_lines(city) if link.far == name)
        add_city_links(file, city, links, octet, interfaces, peers)
    for leg in replication_legs(file):
        if leg.far == name:
            add_replication(file, leg, octet, interfaces, peers)
    for other in range(1, file.data_center.edges + 1):
        if other != number:
            peers.append(edge_peer(octet, other))
    return router("dc", octet, "edge", number, interfaces, at.DATA_CENTER_ASN, peers, file)


def backup_center_edge(file: CloudFile, cities: tuple[City, ...]) -> Host:
    """The backup center's edge router: the replication legs and every city's disaster access."""
    octet = at.BACKUP_CENTER_OCTET
    interfaces = [zone_interface(file, octet, "bc", zone.name, 1) for zone in file.zones]
    peers: list[Peer] = []
    for leg in replication_legs(file):
        add_replication(file, leg, octet, interfaces, peers)
    for city in cities:
        add_city_links(file, city, (disaster_access(file, city),), octet, interfaces, peers)
    return router("bc", octet, "edge", 1, interfaces, at.BACKUP_CENTER_ASN, peers, file)


def add_city_links(
    file: CloudFile,
    city: City,
    links: tuple[Link, ...],
    octet: int,
    interfaces: list[Interface],
    peers: list[Peer],
) -> None:
    """Append the center's end of ``links`` to ``interfaces`` and ``peers``: a city is believed about itself only."""
    for link in links:
        far, near = at.point_to_point(city.number, link_slot(link))
        interfaces.append(
            Interface(name=link.far_interface, network=link.name, address=str(far), rate_bps=link.rate_bps)
        )
        peers.append(
            Peer(
                name=link.near,
                kind="line" if link.kind == "line" else "access",
                interface=link.far_interface,
                address=str(near.ip),
                asn=at.city_asn(city.number),
                accept=tuple(zone_prefixes(file, city.number).values()),
                announce=tuple(zone_prefixes(file, octet).values()),
                preference=100 if link.kind == "line" else LAST_RESORT,
            )
        )


def add_replication(
    file: CloudFile, leg: Link, octet: int, interfaces: list[Interface], peers: list[Peer]
) -> None:
    """Append one end of a replication leg; the first leg is preferred by both ends."""
    slot = int(leg.name.removeprefix("repl")) - 1
    far, near = at.point_to_point(at.BACKUP_CENTER_OCTET, slot)
    at_backup_center = octet == at.BACKUP_CENTER_OCTET
    mine, theirs = (near, far) if at_backup_center else (far, near)
    other = at.DATA_CENTER_OCTET if at_backup_center else at.BACKUP_CENTER_OCTET
    interfaces.append(
        Interface(name=leg.near_interface, network=leg.name, address=str(mine), rate_bps=leg.rate_bps)
    )
    peers.append(
        Peer(
            name=leg.far if at_backup_center else leg.near,
            kind="replication",
            interface=leg.near_interface,
            address=str(theirs.ip),
            asn=at.DATA_CENTER_ASN if at_backup_center else at.BACKUP_CENTER_ASN,
            accept=tuple(zone_prefixes(file, other).values()),
            announce=tuple(zone_prefixes(file, octet).values()),
            preference=PREFERRED if slot == 0 else STANDBY,
        )
    )


def edge_peer(octet: int, number: int) -> Peer:
    """The session to the site's other edge router: it is trusted with everything."""
    supernet = (str(at.SUPERNET),)
    return Peer(
        name=f"dc-edge{number}",
        kind="edge",
        interface="core0",
        address=str(at.host_in(octet, at.CORE, number).ip),
        asn=at.DATA_CENTER_ASN,
        accept=supernet,
        announce=supernet,
    )


def center(
    file: CloudFile,
    tag: str,
    octet: int,
    kind: str,
    asn: int,
    edges: tuple[Host, ...],
    groups: tuple[HostGroup, ...],
) -> Site:
    """A center's site: its own networks, edge routers, and servers that peer with those edges."""
    title = file.data_center.title if kind == "data_center" else file.backup_center.title
    zones = zone_prefixes(file, octet)
    servers = tuple(
        host.model_copy(
            update={
                "routing": Routing(asn=asn, router_id=host.interfaces[0].address.split("/")[0]),
                "peers_with": tuple(
                    edge.interface(host.interfaces[0].name).address.split("/")[0] for edge in edges
                ),
            }
        )
        for host in zone_hosts(file, tag, octet, tag, groups)
    )
    core = (Network(name=f"{tag}-core", kind="core", prefix=str(at.within(octet, at.CORE)), sites=(tag,)),)
    return Site.model_validate(
        {
            "name": tag,
            "kind": kind,
            "title_en": title.en,
            "title_ja": title.ja,
            "octet": octet,
            "tag": tag,
            "asn": asn,
            "prefix": str(at.site_prefix(octet)),
            "zones": zones,
            "networks": (*site_networks(tag, octet, tag, zones), *(core if len(edges) > 1 else ())),
            "hosts": (*edges, *servers),
            "links": (),
            "services": tuple(service.name for service in file.services) if kind == "data_center" else (),
        }
    )
