"""The plan as data: what will stand, with every name, address and number worked out.

Everything downstream (Pulumi, Ansible, the capacity model, the tests) reads this and nothing else. It is
plain and serialisable: ``Topology.model_validate_json(topology.model_dump_json()) == topology``.
Addresses are text: ``10.6.16.1/20`` for an interface, ``10.6.16.1`` for a peer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from inventory.backups import Backups
from inventory.databases import Databases
from inventory.desktops import Desktops
from inventory.model import Opening, StandardSystem
from inventory.quantity import Frozen
from inventory.watching import Watching

SiteKind = Literal["data_center", "backup_center", "city"]
NetworkKind = Literal["zone", "management", "core", "line", "access", "replication"]
PeerKind = Literal["line", "access", "replication", "edge"]


class Network(Frozen):
    """A layer-2 network, built once. Lines, accesses and replication legs join two sites; others lie in
    one."""

    name: str
    """At most 15 characters, as the kernel asks of a bridge."""
    kind: NetworkKind
    prefix: str
    zone: str | None = None
    gateway: str | None = None
    """The Incus host's own address in it (management only): the one way people and Ansible come in."""
    sites: tuple[str, ...]
    """The sites it touches; the owner, from whose numbers it derives, first."""


class Interface(Frozen):
    """A network card of a host."""

    name: str
    """As seen inside the host."""
    network: str
    address: str
    rate_bps: int | None = None
    """What the carrier delivers in each direction; None where nothing limits."""

    @property
    def ip(self) -> str:
        """The address without its length."""
        return self.address.partition("/")[0]


class TrafficClassPlan(Frozen):
    """A class of a shaped interface: guaranteed and highest rate (bit/s), who borrows first, its ports."""

    name: str
    guarantee_bps: int
    ceiling_bps: int
    priority: int
    ports: tuple[int, ...]


class Peer(Frozen):
    """A BGP session of a router, and what may cross it."""

    name: str
    """The other router."""
    kind: PeerKind
    interface: str
    address: str
    asn: int
    accept: tuple[str, ...]
    """Prefixes believed from this peer; anything else is not."""
    announce: tuple[str, ...]
    """Prefixes told to this peer."""
    preference: int = 100
    """Local preference of what is learned here."""


class Routing(Frozen):
    """How a host takes part in routing."""

    asn: int
    router_id: str
    peers: tuple[Peer, ...] = ()
    originates: tuple[str, ...] = ()
    """Prefixes of its own site that it announces."""
    serves: tuple[str, ...] = ()
    """Interfaces on whose networks hosts may peer (an edge router's zones)."""
    classes: dict[str, tuple[TrafficClassPlan, ...]] = Field(default_factory=dict)
    """Shaping classes per interface, where there is more than one."""


class Volume(Frozen):
    """A disk of its own, as large as it is and no larger: what fills it fills nothing else."""

    name: str
    path: str
    """Where the host sees it."""
    size: int
    """Bytes."""


class Host(Frozen):
    """A machine: a router, a server or a terminal."""

    name: str
    site: str
    role: str
    zone: str | None
    """The zone it lives in; None for a router, which joins them."""
    platform: Literal["incus", "external"]
    management: str
    """Address on the management network, without a length."""
    interfaces: tuple[Interface, ...]
    """Without the management interface, which is always ``mgmt0``."""
    routing: Routing | None = None
    """Routers and the servers of the two centers route for themselves."""
    gateway: str | None = None
    """Next hop of a host that does not."""
    peers_with: tuple[str, ...] = ()
    """Edge routers' addresses a server peers with."""
    shares: tuple[str, ...] = ()
    """Virtual addresses that it has whenever it is the one that serves."""
    volumes: tuple[Volume, ...] = ()

    def interface(self, name: str) -> Interface:
        """The interface called ``name``. Raises KeyError if there is none."""
        for interface in self.interfaces:
            if interface.name == name:
                return interface
        raise KeyError(name)

    @property
    def is_router(self) -> bool:
        """Whether it forwards for others."""
        return self.zone is None


class VirtualAddress(Frozen):
    """An address that several hosts of a site share: at any time one of them has it."""

    name: str
    zone: str
    address: str
    """Without a length."""
    hosts: tuple[str, ...]


class Link(Frozen):
    """A rated connection between two routers of different sites, both directions alike."""

    name: str
    kind: Literal["line", "access", "replication"]
    near: str
    """Router at the owning site."""
    near_interface: str
    far: str
    """Router at the center."""
    far_interface: str
    rate_bps: int


class Site(Frozen):
    """A center or a city hall. A city's plan depends on its own file and the cloud's, on no other city."""

    name: str
    kind: SiteKind
    title_en: str
    title_ja: str
    octet: int
    tag: str
    """Short name that begins its networks' names: ``dc``, ``bc``, ``c6``."""
    asn: int
    prefix: str
    zones: dict[str, str]
    """Zone name to prefix."""
    networks: tuple[Network, ...]
    hosts: tuple[Host, ...]
    links: tuple[Link, ...]
    services: tuple[str, ...] = ()

    def host(self, name: str) -> Host:
        """The host called ``name``. Raises KeyError if there is none."""
        for host in self.hosts:
            if host.name == name:
                return host
        raise KeyError(name)

    def routers(self) -> tuple[Host, ...]:
        """The site's routers."""
        return tuple(host for host in self.hosts if host.is_router)


class Topology(Frozen):
    """The whole cloud. Sites: the data center, the backup center, then the cities by number."""

    name: str
    digest: str
    """Of the declaration it came from (SHA-256)."""
    bfd_interval_ms: int
    bfd_server_interval_ms: int
    bfd_edge_interval_ms: int
    bfd_multiplier: int
    openings: tuple[Opening, ...]
    """As declared; :mod:`inventory.openings` says what they mean for a host."""
    backups: Backups
    cs: VirtualAddress
    """Where the cities find whichever CS server serves."""
    databases: Databases
    standard_system: StandardSystem
    """As declared; :mod:`inventory.database_plan` says what they mean for a host."""
    desktops: Desktops
    """As declared; :mod:`inventory.desktop_plan` says what they mean for a host."""
    watching: Watching
    """As declared; :mod:`inventory.monitoring` says what it means for a host."""
    sites: tuple[Site, ...]

    def site(self, name: str) -> Site:
        """The site called ``name``. Raises KeyError if there is none."""
        for site in self.sites:
            if site.name == name:
                return site
        raise KeyError(name)

    @property
    def data_center(self) -> Site:
        """The data center."""
        return self.sites[0]

    @property
    def backup_center(self) -> Site:
        """The backup center."""
        return self.sites[1]

    @property
    def cities(self) -> tuple[Site, ...]:
        """The city halls, by number."""
        return self.sites[2:]

    def entitled(self, service: str) -> list[Site]:
        """The cities that have a service, by number."""
        return [city for city in self.cities if service in city.services]

    def hosts(self) -> Iterator[Host]:
        """Every host of every site."""
        for site in self.sites:
            yield from site.hosts

    def networks(self) -> Iterator[Network]:
        """Every network."""
        for site in self.sites:
            yield from site.networks

    def links(self) -> Iterator[Link]:
        """Every rated link between sites."""
        for site in self.sites:
            yield from site.links

    def host(self, name: str) -> Host:
        """The host called ``name``. Raises KeyError if there is none."""
        for host in self.hosts():
            if host.name == name:
                return host
        raise KeyError(name)
