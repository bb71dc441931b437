"""What things look like: cards, routers, lines, the rail of the disaster accesses, the legend."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.graph import svg
from inventory.graph.layout import CARD_PORTS, CARD_TOP, ZONE_ROW, CenterLayout, Layout, in_zone, ports
from inventory.graph.svg import Box
from inventory.graph.words import Words, rate
from inventory.model import Cloud
from inventory.topology import Link, Site, Topology

EDGES = ("#2563c9", "#0b8f83", "#8a4fbf", "#b3541e")
"""Colors of the data center's edge routers and of what lands on them."""
ZONES = ("#e4ddf5", "#d9ecdf", "#f7e3d4", "#dce8f5", "#f5dde6", "#e9e9d2", "#dff0ef", "#ebe3da")
REPLICATION, ACCESS, CORE, INK = "#c2700a", "#8b93a1", "#5b6675", "#2b3646"

STYLE = (
    "text{font-family:'Noto Sans','Noto Sans JP','Noto Sans CJK JP','Hiragino Sans','Yu Gothic',Meiryo,"
    "'Helvetica Neue',Arial,sans-serif;fill:#27303d;font-size:12px}"
    ".paper{fill:#fbfaf7}.card{fill:#fff;stroke:#d8d5cd}.site{fill:#f3f1ea;stroke:#cfcabd}"
    ".title{font-size:26px;font-weight:700}.subtitle{font-size:14px;fill:#667080}"
    ".name{font-size:16px;font-weight:700}.other{font-size:11px;fill:#667080}"
    ".address{font-size:11px;fill:#4a5463}.center{text-anchor:middle}"
    ".big{font-size:18px;font-weight:700;text-anchor:middle}"
    ".small{font-size:11px;fill:#4a5463;text-anchor:middle}.note{font-size:12px;fill:#4a5463}"
    ".core{font-size:10px;fill:#667080}.zone{font-size:11px;font-weight:700;fill:#4a4458}"
    ".host{fill:#fff;stroke:#b9b4a6}.external{fill:#fff;stroke:#b9b4a6;stroke-dasharray:3 2}"
    ".router{fill:#2b3646}.on{font-size:12px;font-weight:700;fill:#fff;text-anchor:middle}"
    ".under{font-size:10px;fill:#e6eaf0;text-anchor:middle}"
    ".pill{font-size:10px;font-weight:700;fill:#fff;text-anchor:middle}"
    ".number{font-size:11px;font-weight:700;fill:#667080;text-anchor:middle}"
    ".line{fill:none;stroke-linecap:round}.dashed{fill:none;stroke-dasharray:5 5}"
    ".halo{fill:none;stroke-linecap:round}"
)


def thickness(bps: int) -> float:
    """Stroke width of a link: a pixel more for each tenfold rate."""
    return max(1.2, 2.2 + (len(str(bps)) - len(str(10**9))))


def edge_color(topology: Topology, edge: str) -> str:
    """The color of an edge router of the data center."""
    names = [router.name for router in topology.data_center.routers()]
    return EDGES[names.index(edge) % len(EDGES)]


def heading(cloud: Cloud, topology: Topology, words: Words, layout: Layout) -> Iterator[str]:
    """The cloud's name in both languages, and how much there is of it."""
    title = words.pick(cloud.file.title.en, cloud.file.title.ja)
    other = words.pick(cloud.file.title.ja, cloud.file.title.en)
    yield svg.text(40, 50, title, "title", layout.width - 80, 26)
    summary = words.summary.format(
        cities=len(topology.cities),
        lines=sum(link.kind == "line" for link in topology.links()),
        hosts=sum(1 for _ in topology.hosts()),
    )
    yield svg.text(40, 75, f"{other}  ·  {summary}", "subtitle", layout.width - 80, 14)


def city_card(site: Site, topology: Topology, layout: Layout, words: Words) -> str:
    """A city hall: its name, address, zones with hosts, and its router towards the data center."""
    box, above = layout.cards[site.name], layout.above[site.name]
    y = box.y if above else box.y + CARD_PORTS
    name, other = words.names(site)
    shapes = [
        svg.rectangle(box, "card", 10),
        svg.text(box.x + 14, y + 27, name, "name", box.width - 56, 16),
        svg.text(box.x + 14, y + 42, other, "other", box.width - 56, 11),
        svg.text(box.right - 22, y + 26, str(site.octet), "number"),
        svg.text(box.x + 14, y + 58, f"{site.prefix} · AS {site.asn}", "address", box.width - 20, 11),
    ]
    for row, zone in enumerate(site.zones):
        band = Box(box.x + 8, y + CARD_TOP + row * ZONE_ROW, box.width - 16, ZONE_ROW - 4)
        hosts = " ".join(host.name.removeprefix(f"{site.name}-") for host in in_zone(site, zone))
        shapes += [
            svg.rectangle(band, "band", 5, ZONES[row % len(ZONES)]),
            svg.text(band.x + 8, band.y + 14, zone, "zone", 62, 11),
            svg.text(band.x + 74, band.y + 14, hosts, "address", band.width - 80, 11),
        ]
    shapes += city_router(site, topology, box, above=above)
    return svg.group(shapes, f"{site.title_en} {site.title_ja}: {site.prefix}, AS {site.asn}")


def city_router(site: Site, topology: Topology, box: Box, *, above: bool) -> Iterator[str]:
    """The router's strip of a card, with a port for each line in the color of the edge it lands on."""
    (router,) = site.routers()
    strip = Box(box.x + 8, (box.bottom - 30) if above else box.y + 8, box.width - 16, 22)
    kind = "router" if router.platform == "incus" else "external"
    yield svg.rectangle(strip, kind, 6)
    for link in site.links:
        if link.kind == "line":
            x, _ = port_of_city(site, link, box, above=above)
            pill = Box(x - 24, strip.y + 4, 48, 14)
            yield svg.rectangle(pill, "pill-box", 7, edge_color(topology, link.far))
            yield svg.text(x, pill.y + 10.5, rate(link.rate_bps), "pill")
    yield svg.text(strip.center, strip.y + 15, router.name.removeprefix(f"{site.name}-"), "on")


def port_of_city(site: Site, link: Link, box: Box, *, above: bool) -> tuple[float, float]:
    """Where a line leaves its city's card: the first at the left, the last at the right."""
    names = [one.name for one in site.links if one.kind == "line"]
    share = (names.index(link.name) + 0.5) / len(names)
    spread = box.width - 16 + (24 if len(names) == 2 else 0)
    return box.center + (share - 0.5) * spread, box.bottom if above else box.y


def lines(topology: Topology, layout: Layout) -> Iterator[str]:
    """Every line, from its city's port in a curve to its edge router's."""
    ends = ports(layout, topology)
    for site in topology.cities:
        box, above = layout.cards[site.name], layout.above[site.name]
        for link in site.links:
            if link.kind != "line":
                continue
            x, y = port_of_city(site, link, box, above=above)
            end_x, end_y = ends[link.name]
            bend = (end_y - y) * 0.55
            points = (x, y, x, y + bend, end_x, end_y - bend, end_x, end_y)
            curve = "M{} {}C{} {} {} {} {} {}".format(*map(svg.number, points))
            about = f"{link.near} {link.near_interface} - {link.far}: {rate(link.rate_bps)}"
            yield svg.path(curve, "halo", "#fbfaf7", thickness(link.rate_bps) + 2.5)
            yield svg.path(
                curve, "line", edge_color(topology, link.far), thickness(link.rate_bps), tooltip=about
            )


def center_card(site: Site, layout: CenterLayout, words: Words) -> str:
    """A center without its routers: its name, and a band for each zone with the hosts in it."""
    name, other = words.names(site)
    x, y, room = layout.heading.center, layout.card.y, layout.heading.width - 16
    shapes = [
        svg.rectangle(layout.card, "site", 14),
        svg.text(x, y + 30, name, "big", room, 18),
        svg.text(x, y + 48, other, "small", room, 11),
        svg.text(x, y + 64, f"{site.prefix} · AS {site.asn}", "small", room, 11),
    ]
    for row, (zone, band) in enumerate(layout.bands.items()):
        shapes += [
            svg.rectangle(band, "band", 0, ZONES[row % len(ZONES)]),
            svg.text(band.x + 10, band.middle + 4, zone, "zone", 56, 11),
        ]
    for host, box in layout.hosts.items():
        kind = "host" if site.host(host).platform == "incus" else "external"
        short = host.removeprefix(f"{site.name}-")
        shapes += [
            svg.rectangle(box, kind, 5),
            svg.text(box.center, box.middle + 4, short, "center", box.width - 6, 12),
        ]
    return svg.group(shapes, f"{site.title_en} {site.title_ja}: {site.prefix}, AS {site.asn}")


def center_routers(site: Site, layout: CenterLayout) -> Iterator[str]:
    """The edge routers of a center, over the bands that they join; the data center's in their lines' colors."""
    for number, (name, box) in enumerate(layout.routers.items()):
        routing = site.host(name).routing
        color = EDGES[number % len(EDGES)] if site.kind == "data_center" else INK
        shapes = [
            svg.rectangle(box, "router", 10, color),
            svg.text(box.center, box.middle, name, "on", box.width - 8, 12),
            svg.text(box.center, box.middle + 16, routing.router_id if routing else "", "under"),
        ]
        yield svg.group(shapes, f"{name}: AS {site.asn}")


def core(topology: Topology, layout: CenterLayout) -> Iterator[str]:
    """The network between the data center's own edge routers."""
    boxes = list(layout.routers.values())
    for network in topology.data_center.networks:
        if network.kind == "core" and len(boxes) > 1:
            way = f"M{svg.number(boxes[0].center)} {svg.number(layout.core)}H{svg.number(boxes[-1].center)}"
            yield svg.path(way, "line", CORE, 1.6, tooltip=f"{network.name}: {network.prefix}")
            yield svg.text(layout.heading.x + 10, layout.core - 5, network.name, "core")


def replication(topology: Topology, layout: Layout, words: Words) -> Iterator[str]:
    """The replication legs, each in a lane of its own below the zones; the first carries."""
    card, target = layout.data_center.card, layout.backup_center.routers["bc-edge1"]
    for index, (leg, y) in enumerate(zip(topology.backup_center.links, layout.lanes, strict=True)):
        start = layout.data_center.routers[leg.far]
        kind, role = ("line", words.active) if index == 0 else ("dashed", words.standby)
        about = f"{leg.name}: {leg.far} - {leg.near}, {rate(leg.rate_bps)}, {role}"
        way = f"M{svg.number(start.right)} {svg.number(y)}H{svg.number(target.x)}"
        yield svg.path(way, kind, REPLICATION, thickness(leg.rate_bps) + 0.6, tooltip=about)
        label = f"{leg.name} · {leg.far} · {rate(leg.rate_bps)} · {role}"
        yield svg.text(card.right + 14, y - 7, label, "note", target.x - card.right - 28, 12)
    yield from guarantees(topology, layout, words)


def joints(topology: Topology, layout: Layout) -> Iterator[str]:
    """Where replication legs and disaster accesses end, over the routers they end at."""
    target = layout.backup_center.routers["bc-edge1"]
    for leg, y in zip(topology.backup_center.links, layout.lanes, strict=True):
        yield svg.dot(layout.data_center.routers[leg.far].right, y, 4, REPLICATION)
        yield svg.dot(target.x, y, 4, REPLICATION)
    for y, above in ((target.y, True), (target.bottom, False)):
        if above in layout.above.values():
            yield svg.dot(target.center, y, 4, ACCESS)


def guarantees(topology: Topology, layout: Layout, words: Words) -> Iterator[str]:
    """What each class of the replication link is guaranteed."""
    routing = topology.backup_center.routers()[0].routing
    classes = next(iter(routing.classes.values())) if routing and routing.classes else ()
    left = layout.data_center.card.right + 14
    for row, one in enumerate(reversed(classes)):
        content = words.guarantees.format(name=one.name, share=rate(one.guarantee_bps))
        y = layout.lanes[0] - 30 - row * 18
        yield svg.text(left, y, content, "note", layout.backup_center.card.x - left - 14, 12)


def disaster_rails(layout: Layout) -> Iterator[str]:
    """A rail above the upper cities and one below the lower ones, to the backup center's router."""
    router = layout.backup_center.routers["bc-edge1"]
    for above, rail, end in ((True, layout.top_rail, router.y), (False, layout.bottom_rail, router.bottom)):
        boxes = [layout.cards[name] for name, side in layout.above.items() if side is above]
        if not boxes:
            continue
        corner, turn = router.center, 14 if above else -14
        way = (
            f"M{svg.number(boxes[0].center)} {svg.number(rail)}H{svg.number(corner - 14)}"
            f"Q{svg.number(corner)} {svg.number(rail)} {svg.number(corner)} {svg.number(rail + turn)}"
            f"V{svg.number(end)}"
        )
        yield svg.path(way, "dashed", ACCESS, 1.6)
        for box in boxes:
            start = box.y if above else box.bottom
            stub = f"M{svg.number(box.center)} {svg.number(start)}V{svg.number(rail)}"
            yield svg.path(stub, "dashed", ACCESS, 1.6)
            yield svg.dot(box.center, rail, 3, ACCESS)


def legend(cloud: Cloud, topology: Topology, words: Words, layout: Layout) -> Iterator[str]:
    """What the colors mean."""
    x, y = 40.0, layout.legend
    for router in topology.data_center.routers():
        color, label = edge_color(topology, router.name), words.lands_on.format(edge=router.name)
        yield svg.path(f"M{svg.number(x)} {svg.number(y - 4)}h26", "line", color, 3)
        yield svg.text(x + 34, y, label, "note")
        x += 64 + svg.text_width(label, 12)
    rates = sorted({link.rate_bps for link in topology.links() if link.kind == "access"})
    label = words.access.format(rates=" - ".join(rate(bps) for bps in (rates[:1] + rates[1:][-1:])))
    yield svg.path(f"M{svg.number(x)} {svg.number(y - 4)}h26", "dashed", ACCESS, 1.6)
    yield svg.text(x + 34, y, label, "note")
    x, y = 40.0, y + 26
    for row, zone in enumerate(cloud.file.zones):
        label = f"{zone.name}: {words.pick(zone.title.en, zone.title.ja)}"
        yield svg.rectangle(Box(x, y - 11, 26, 14), "band", 4, ZONES[row % len(ZONES)])
        yield svg.text(x + 34, y, label, "note")
        x += 64 + svg.text_width(label, 12)
