"""The data center and the backup center: routers with an interface a line, servers that route themselves."""

from __future__ import annotations

from inventory import addressing
from inventory.building_blocks import router, site_networks, zone_hosts, zone_prefixes
from inventory.cs_plan import sharing
from inventory.database_plan import volumes
from inventory.identity import BACKUP_CENTER, DATA_CENTER, Identity
from inventory.links import attachments, city_lines, disaster_access, replication_legs
from inventory.model import BackupCenter, City, CloudFile, DataCenter
from inventory.topology import Host, Interface, Network, Peer, Routing, Site


def data_center(file: CloudFile, cities: tuple[City, ...]) -> Site:
    """The data center: edge routers with the cities' lines, and the shared hosts."""
    numbers = range(1, file.data_center.edges + 1)
    edges = tuple(data_center_edge(file, cities, number) for number in numbers)
    core = Network(
        name="dc-core",
        kind="core",
        prefix=str(addressing.within(DATA_CENTER.octet, addressing.CORE)),
        sites=("dc",),
    )
    site = center(file, DATA_CENTER, file.data_center, edges)
    services = tuple(service.name for service in file.services)
    hosts = tuple(sharing(file, site.octet, host) for host in site.hosts)
    return site.model_copy(update={"networks": (*site.networks, core), "services": services, "hosts": hosts})


def backup_center(file: CloudFile, cities: tuple[City, ...]) -> Site:
    """The backup center: an edge router, the replication legs, and the hosts that hold the second copy."""
    legs = replication_legs(file)
    site = center(file, BACKUP_CENTER, file.backup_center, (backup_center_edge(file, cities),))
    networks = tuple(leg.network() for leg in legs)
    return site.model_copy(
        update={"networks": (*site.networks, *networks), "links": tuple(leg.link() for leg in legs)}
    )


def center(
    file: CloudFile, site: Identity, declared: DataCenter | BackupCenter, edges: tuple[Host, ...]
) -> Site:
    """What both centers are: networks of their own, edge routers, and servers that peer with those."""
    hosts = zone_hosts(file, site, declared.hosts)
    return Site(
        name=site.name,
        kind="data_center" if isinstance(declared, DataCenter) else "backup_center",
        title_en=declared.title.en,
        title_ja=declared.title.ja,
        octet=site.octet,
        tag=site.tag,
        asn=site.asn,
        prefix=str(addressing.site_prefix(site.octet)),
        zones=zone_prefixes(file, site),
        networks=site_networks(file, site),
        hosts=(*edges, *(server(file, host, site, edges) for host in hosts)),
        links=(),
    )


def data_center_edge(file: CloudFile, cities: tuple[City, ...], number: int) -> Host:
    """An edge router of the data center: the lines and replication legs that land on it, and its fellows."""
    name = f"dc-edge{number}"
    lines = (line for city in cities for line in city_lines(city))
    interfaces, peers = attachments(file, name, (*lines, *replication_legs(file)))
    core = addressing.host_in(DATA_CENTER.octet, addressing.CORE, number)
    fellows = (edge_peer(other) for other in range(1, file.data_center.edges + 1) if other != number)
    return router(
        file,
        DATA_CENTER,
        name,
        number,
        interfaces=[Interface(name="core0", network="dc-core", address=str(core)), *interfaces],
        peers=[*peers, *fellows],
    )


def backup_center_edge(file: CloudFile, cities: tuple[City, ...]) -> Host:
    """The backup center's edge router: the replication legs and every city's disaster access."""
    accesses = (disaster_access(file, city) for city in cities)
    interfaces, peers = attachments(file, "bc-edge1", (*replication_legs(file), *accesses))
    return router(file, BACKUP_CENTER, "bc-edge1", 1, interfaces=interfaces, peers=peers)


def edge_peer(number: int) -> Peer:
    """The session to another edge router of the data center: it is trusted with everything."""
    everything = (str(addressing.SUPERNET),)
    return Peer(
        name=f"dc-edge{number}",
        kind="edge",
        interface="core0",
        address=str(addressing.host_in(DATA_CENTER.octet, addressing.CORE, number).ip),
        asn=DATA_CENTER.asn,
        accept=everything,
        announce=everything,
    )


def server(file: CloudFile, host: Host, site: Identity, edges: tuple[Host, ...]) -> Host:
    """``host`` with routing of its own: it learns each city from each edge, and so uses all lines."""
    (interface,) = host.interfaces
    return host.model_copy(
        update={
            "routing": Routing(asn=site.asn, router_id=interface.ip),
            "peers_with": tuple(edge.interface(interface.name).ip for edge in edges),
            "volumes": volumes(file.databases, host.role),
        }
    )
