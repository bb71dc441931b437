"""Where everything lies. The data center is in the middle, city halls above and below it, the backup center apart.

So each line runs straight from its city to its edge router, and the disaster accesses run around the outside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from inventory.graph.svg import Box
from inventory.topology import Host, Site, Topology

MARGIN = 40
HEADING = 92
RAIL = 26
"""Between the disaster access's rail and the cards it serves."""
CARD_WIDTH, CARD_GAP = 172, 24
CARD_TOP, ZONE_ROW, CARD_PORTS = 66, 24, 34
"""A card's name and address, each of its zones, and its router with the ports."""
FAN, FAN_A_CITY = 88, 8
"""Between cards and data center: room for the lines to sort themselves."""
CENTER_SHARE = 0.6
"""Of the row of cards, that the data center is at least as wide as."""
ROUTER_WIDTH = 112
ROUTER_OUT = 12
"""How far a router stands out of its center's card: there the lines end."""
CENTER_TOP, BAND, BAND_GAP = 78, 50, 12
CORE = 26
"""For the core network, below the bands."""
LANE = 24
"""For each replication leg, below that."""
HOST_WIDTH, HOST_GAP = 62, 10
ZONE_LABEL = 66
REPLICATION_GAP = 215
LEAST_BAND = 190
LEGEND_ROW = 24
LEAST_SEGMENT = 300


@dataclass(frozen=True)
class CenterLayout:
    """A center: its card, its routers by name, and a band for each zone with its hosts by name."""

    card: Box
    routers: dict[str, Box]
    bands: dict[str, Box]
    hosts: dict[str, Box]
    heading: Box
    """Where its name stands: between the first two routers, or beside the only one."""
    core: float
    """The height at which its routers are joined."""


@dataclass(frozen=True)
class Layout:
    """The whole picture."""

    width: float
    height: float
    cards: dict[str, Box]
    above: dict[str, bool]
    """Whether a city is above the data center."""
    data_center: CenterLayout
    backup_center: CenterLayout
    top_rail: float
    bottom_rail: float
    lanes: tuple[float, ...]
    """The heights of the replication legs."""
    legend: float


def lay_out(topology: Topology) -> Layout:
    """The layout of ``topology``: the first half of the cities above, the rest below."""
    cities = topology.cities
    rows = cities[: math.ceil(len(cities) / 2)], cities[math.ceil(len(cities) / 2) :]
    card_height = CARD_TOP + CARD_PORTS + ZONE_ROW * max((len(site.zones) for site in cities), default=0)
    row_width = len(rows[0]) * (CARD_WIDTH + CARD_GAP) - CARD_GAP
    center_width = max(data_center_width(topology.data_center), CENTER_SHARE * row_width)
    fan = FAN + FAN_A_CITY * len(rows[0])
    width = max(row_width, center_width)
    legs = len(topology.backup_center.links)
    height = center_height(topology, legs)
    top = HEADING + RAIL
    center_y = top + card_height + fan
    bottom = center_y + height + fan
    end = bottom + card_height + RAIL if rows[1] else center_y + height
    data_center = center(
        topology.data_center, Box(MARGIN + (width - center_width) / 2, center_y, center_width, height)
    )
    backup_width = ROUTER_WIDTH + 2 * HOST_GAP + band_width(topology.backup_center, 1) + HOST_GAP
    backup_x = data_center.card.right + (width - center_width) / 2 + REPLICATION_GAP
    return Layout(
        width=backup_x + backup_width + MARGIN,
        height=end + 3 * LEGEND_ROW + MARGIN,
        cards={
            site.name: Box(x, y, CARD_WIDTH, card_height)
            for row, y in zip(rows, (top, bottom), strict=True)
            for site, x in zip(row, row_positions(len(row), width), strict=True)
        },
        above={site.name: site in rows[0] for site in cities},
        data_center=data_center,
        backup_center=center(topology.backup_center, Box(backup_x, center_y, backup_width, height)),
        top_rail=HEADING,
        bottom_rail=end,
        lanes=tuple(data_center.core + LANE * number for number in range(1, legs + 1)),
        legend=end + LEGEND_ROW * 1.5,
    )


def row_positions(count: int, width: float) -> list[float]:
    """The left sides of ``count`` cards, centered."""
    start = MARGIN + (width - count * (CARD_WIDTH + CARD_GAP) + CARD_GAP) / 2
    return [start + index * (CARD_WIDTH + CARD_GAP) for index in range(count)]


def center_height(topology: Topology, legs: int) -> float:
    """Both centers are as high as the one with more in it."""
    bands = max(len(site.zones) for site in (topology.data_center, topology.backup_center))
    return CENTER_TOP + bands * (BAND + BAND_GAP) + CORE + legs * LANE + BAND_GAP


def band_width(site: Site, segments: int) -> float:
    """What the fullest zone's hosts need, in one of so many segments."""
    fullest = max(len(in_zone(site, zone)) for zone in site.zones)
    hosts = math.ceil(fullest / segments) * (HOST_WIDTH + HOST_GAP)
    return max(ZONE_LABEL + hosts + HOST_GAP, LEAST_BAND)


def data_center_width(site: Site) -> float:
    """Wide enough for its routers and for the hosts between them."""
    routers = len(site.routers())
    return routers * ROUTER_WIDTH + (routers - 1) * max(LEAST_SEGMENT, band_width(site, routers - 1)) + 48


def in_zone(site: Site, zone: str) -> list[Host]:
    """The site's hosts in ``zone``."""
    return [host for host in site.hosts if host.zone == zone]


def center(site: Site, card: Box) -> CenterLayout:
    """A center in ``card``: routers from left to right, and in each gap between them a part of every zone."""
    routers = router_boxes(site, card)
    segments = segments_between(list(routers.values()), card)
    bands: dict[str, Box] = {}
    hosts: dict[str, Box] = {}
    for row, zone in enumerate(site.zones):
        y = card.y + CENTER_TOP + row * (BAND + BAND_GAP)
        first, last = segments[0], segments[-1]
        bands[zone] = Box(first.x, y, last.right - first.x, BAND)
        members = in_zone(site, zone)
        a_segment = math.ceil(len(members) / len(segments)) or 1
        for index, host in enumerate(members):
            segment = segments[index // a_segment]
            x = segment.x + ZONE_LABEL + (index % a_segment) * (HOST_WIDTH + HOST_GAP)
            hosts[host.name] = Box(x, y + 9, HOST_WIDTH, BAND - 18)
    heading = Box(segments[0].x, card.y, segments[0].width, CENTER_TOP)
    core = card.y + CENTER_TOP + len(bands) * (BAND + BAND_GAP) + CORE / 2
    return CenterLayout(card, routers, bands, hosts, heading, core)


def router_boxes(site: Site, card: Box) -> dict[str, Box]:
    """The routers, spread over the card's width; an only one stands at its left."""
    routers = site.routers()
    room = card.width - 2 * HOST_GAP - ROUTER_WIDTH
    step = room / (len(routers) - 1) if len(routers) > 1 else 0
    return {
        router.name: Box(
            card.x + HOST_GAP + index * step, card.y - ROUTER_OUT, ROUTER_WIDTH, card.height + 2 * ROUTER_OUT
        )
        for index, router in enumerate(routers)
    }


def segments_between(routers: list[Box], card: Box) -> list[Box]:
    """The gaps between routers, or what is right of an only one."""
    if len(routers) == 1:
        x = routers[0].right
        return [Box(x, card.y, card.right - HOST_GAP - x, card.height)]
    return [Box(one.right, card.y, other.x - one.right, card.height) for one, other in pairwise(routers)]


def ports(layout: Layout, topology: Topology) -> dict[str, tuple[float, float]]:
    """Where on its edge router each line ends, by the line's name: sorted, so that lines do not cross there."""
    found: dict[str, tuple[float, float]] = {}
    for name, box in layout.data_center.routers.items():
        for above in (True, False):
            landing = [
                link
                for site in topology.cities
                for link in site.links
                if link.far == name and layout.above[site.name] is above
            ]
            landing.sort(key=lambda link: layout.cards[link.near.rpartition("-")[0]].x)
            step = min(12, (box.width - 20) / max(1, len(landing) - 1))
            for index, link in enumerate(landing):
                x = box.center + (index - (len(landing) - 1) / 2) * step
                found[link.name] = (x, box.y if above else box.bottom)
    return found
