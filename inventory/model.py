"""The declaration as it is written: a :class:`CloudFile` (cloud.yaml) and a :class:`City` a file (cities/).

Models only say what a file may contain. What must hold *between* things is in :mod:`inventory.rules`;
addresses and names are not declared at all, they follow from the numbers in :mod:`inventory.plan`.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from inventory.addressing import check_subnet
from inventory.backups import Backups
from inventory.cs import CsServers
from inventory.databases import Databases
from inventory.desktops import Desktops
from inventory.drills import DrillObjective
from inventory.quantity import Count, Duration, Frozen, Range, Rate, Share, Text
from inventory.service_levels import Demand, Facilities, Failures, ServiceLevels, Upgrades
from inventory.watching import Watching

Name = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9]{1,15}$", description="lower-case letters and digits, 2 to 16")
]
HostName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9]{1,15}-[a-z]{2,10}[1-9][0-9]?$", description="<site>-<role><n>")
]
ZoneName = Annotated[
    str,
    Field(
        pattern=r"^[a-z]{2,10}$",
        description="lower-case letters, 2 to 10: interfaces are called after it, and a kernel takes 15",
    ),
]
Role = Annotated[str, Field(pattern=r"^[a-z]{2,10}$", description="lower-case letters, 2 to 10")]
MOST_CITIES = 250
CityNumber = Annotated[
    int, Field(ge=1, le=MOST_CITIES, description="fixes every address, ASN and name of the city's networks")
]
Subnet = Annotated[
    str, AfterValidator(check_subnet), Field(description="a prefix inside a site's /16, such as 0.0.16.0/20")
]
Port = Annotated[int, Field(ge=1, le=65535)]
Platform = Literal["incus", "external"]
Group = Literal["resident_records", "tax", "social_security", "other"]


class Title(Frozen):
    """A name for people, in both languages."""

    en: Text
    ja: Text


class Zone(Frozen):
    """A layer of the three-layer separation (san-so no taisaku); one never reaches another."""

    name: ZoneName
    title: Title
    subnet: Subnet
    """Where the zone lies inside every site's /16; the same in all, so that people can read an address."""


class HostGroup(Frozen):
    """``count`` hosts that do one thing, in one zone of one site."""

    role: Role
    zone: ZoneName
    count: Annotated[int, Field(ge=1, le=9)]
    at: Annotated[int, Field(ge=11, le=239)]
    """Host part of the first one's addresses. Written down: a new group never renumbers an old one."""
    platform: Platform = "incus"


HostGroups = Annotated[tuple[HostGroup, ...], Field(min_length=1, max_length=64)]


class DataCenter(Frozen):
    """Where the shared systems run. Every city line lands on one of its edge routers."""

    title: Title
    edges: Annotated[int, Field(ge=2, le=4)]
    hosts: HostGroups


class BackupCenter(Frozen):
    """Where important data is stored a second time, far from the data center."""

    title: Title
    edges: Annotated[int, Field(ge=1, le=1)]
    hosts: HostGroups
    access: Rate
    """What each city has straight to the backup center, used only when the data center is gone."""


class TrafficClass(Frozen):
    """A class of the replication link: never less than its guarantee, and whatever the others leave."""

    name: Name
    guarantee: Share
    priority: Annotated[int, Field(ge=0, le=7)]
    """Who borrows first: 0 before 7."""
    ports: Annotated[tuple[Port, ...], Field(max_length=64)] = ()
    """TCP ports, either end, whose packets belong to the class. The one class without takes the rest."""


class Replication(Frozen):
    """The link from the data center to the backup center; the first leg carries, the others stand by."""

    rate: Rate
    legs: Annotated[tuple[HostName, ...], Field(min_length=1, max_length=4)]
    """Data-center edge router each leg starts from, in order of preference."""
    classes: Annotated[tuple[TrafficClass, ...], Field(min_length=1, max_length=8)]


class Bfd(Frozen):
    """Bidirectional Forwarding Detection: a line is dead after ``multiplier`` missed intervals."""

    interval: Duration
    multiplier: Annotated[int, Field(ge=2, le=50)]
    server_interval: Duration
    """Between the packets that a server sends to its edge routers."""
    edge_interval: Duration
    """Between the packets that an edge router sends to its servers."""

    @field_validator("interval", "server_interval", "edge_interval")
    @classmethod
    def _possible(cls, interval: Duration) -> Duration:
        if not 10 <= interval.base * 1000 <= 60_000:
            raise ValueError("an interval that no router takes; write one from 10 ms to 60 s")
        return interval


class Service(Frozen):
    """What cities share. A city reaches only those it is entitled to."""

    name: Name
    title: Title
    zone: ZoneName


class Opening(Frozen):
    """A permission to open connections, between hosts of one zone. What no opening names is refused."""

    sources: Annotated[tuple[Role, ...], Field(min_length=1, max_length=64)]
    """Roles of hosts of the centers, or ``city``: the terminals of the cities."""
    to: Annotated[tuple[Role, ...], Field(min_length=1, max_length=64)]
    """Roles of hosts of the centers."""
    ports: Annotated[tuple[Port, ...], Field(max_length=16)] = ()
    """TCP ports; none for VRRP."""
    protocol: Literal["tcp", "vrrp"] = "tcp"
    """vrrp: by which hosts that share a virtual address agree who has it."""
    why: Annotated[
        str,
        Field(
            pattern=r"^[ !#-\[\]-~]{1,100}$",
            description="up to 100 plain characters, no quotes or backslashes: packet filters carry it",
        ),
    ]
    service: Name | None = None
    """Only cities that are entitled to this service."""

    @model_validator(mode="after")
    def _ports_or_none(self) -> Self:
        if (self.protocol == "tcp") != bool(self.ports):
            raise ValueError("tcp needs ports, and vrrp has none; write one port or more, or take them away")
        return self


class BusinessGroup(Frozen):
    """A group of the standard system, with the requirements the council examined and how many were met."""

    group: Group
    title: Title
    functions: Annotated[int, Field(ge=1, le=1000)]
    requirements: Annotated[int, Field(ge=1, le=100_000)]
    met: Annotated[int, Field(ge=0, le=100_000)]
    named: Annotated[tuple[Text, ...], Field(max_length=1000)] = ()
    """Those of its functions whose names are public; the others are only counted."""


class PublicNames(Frozen):
    """Where the names of business functions come from."""

    source: Literal["public"]
    note: Text


class StandardSystem(Frozen):
    """The one business system of all cities (source: council)."""

    note: Text
    names: PublicNames
    groups: Annotated[tuple[BusinessGroup, ...], Field(min_length=1, max_length=16)]


class Lead(Frozen):
    """Which city leads what in the council."""

    city: Text
    subject: Text


class Council(Frozen):
    """The cities' council and its rules."""

    title: Title
    leads: Annotated[tuple[Lead, ...], Field(max_length=64)]
    established: datetime.date
    first_live: datetime.date
    contract_longest: Duration
    contract_shortest_for_newcomer: Duration


class DisplayTraffic(Frozen):
    """Remote desktop, per user at 1080p."""

    idle: Rate
    word: Range
    excel: Range
    powerpoint: Range
    web: Range
    video: Range
    pcoip_office: Range
    pcoip_rich: Range


class SignIn(Frozen):
    """What a desktop sign-in asks of the storage, and how sign-ins are spread in published sizings."""

    storage_steady: Count
    storage_at_sign_in: Count
    launch_spread: Duration
    published_users: Count
    published_window: Duration


class Counters(Frozen):
    """The citizens' side: procedures at the counters."""

    quiet_day: Count
    peak_day: Count
    moves_in_march_and_april: Share
    core_terminals_low: Share
    core_terminals_high: Share


class Workload(Frozen):
    """Published figures the capacity model starts from."""

    display: DisplayTraffic
    sign_in: SignIn
    counters: Counters


class Standards(Frozen):
    """The municipal non-functional standard."""

    availability: Share
    rto: Duration
    rpo: Duration
    remote_copies: Count
    resident_data_within: Duration


class Characters(Frozen):
    """Sizes of the character sets."""

    mj: Count
    mj_plus: Count
    one_font: Count


class Defaults(Frozen):
    """Published defaults of the software: how soon a line, and a database's primary, is taken for dead."""

    bfd_interval: Duration
    bfd_multiplier: Annotated[int, Field(ge=2, le=50)]
    patroni_ttl: Duration
    patroni_loop: Duration
    patroni_retry: Duration


class Lesson(Frozen):
    """A published accident that a rule of this cloud answers."""

    title: Text
    bodies: Count
    machines: Count
    without_backup: Share


class CloudFile(Frozen):
    """cloud.yaml: everything that is not one city's own."""

    name: Name
    title: Title
    council: Council
    zones: Annotated[tuple[Zone, ...], Field(min_length=1, max_length=8)]
    lines_per_city: Annotated[int, Field(ge=1, le=4)]
    data_center: DataCenter
    backup_center: BackupCenter
    replication: Replication
    bfd: Bfd
    services: Annotated[tuple[Service, ...], Field(min_length=1, max_length=64)]
    openings: Annotated[tuple[Opening, ...], Field(max_length=256)]
    backups: Backups
    cs: CsServers
    databases: Databases
    desktops: Desktops
    watching: Watching
    standard_system: StandardSystem
    workload: Workload
    standards: Standards
    characters: Characters
    defaults: Defaults
    lessons: Annotated[tuple[Lesson, ...], Field(max_length=64)] = ()
    service_levels: ServiceLevels
    demand: Demand
    facilities: Facilities
    failures: Failures
    upgrades: Upgrades
    drills: Annotated[tuple[DrillObjective, ...], Field(max_length=64)] = ()


class Line(Frozen):
    """A line from the city hall to the data center."""

    lands_on: HostName
    rate: Rate


class City(Frozen):
    """cities/<name>.yaml: one city, and nothing of any other."""

    name: Name
    title: Title
    number: CityNumber
    joined: Literal["founder", "later", "candidate"]
    population: Count
    desk_users: Count
    router: Platform = "incus"
    """incus: built here; external: a hardware router, planned, configured and modelled but not built."""
    lines: Annotated[tuple[Line, ...], Field(max_length=8)]
    hosts: HostGroups
    services: Annotated[tuple[Name, ...], Field(max_length=64)]


class Cloud(Frozen):
    """A declaration that passed every check: the cloud and its cities, in order of their numbers."""

    file: CloudFile
    cities: tuple[City, ...]

    def city(self, name: str) -> City:
        """The city called ``name``. Raises KeyError if there is none."""
        for city in self.cities:
            if city.name == name:
                return city
        raise KeyError(name)
