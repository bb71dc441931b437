"""The picture: true to the plan, the same every time, and well-formed whatever things are called."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.graph import Language, draw
from inventory.graph.layout import Layout, lay_out
from inventory.graph.svg import Box, fitted, number, text_width
from inventory.graph.words import rate
from inventory.load import load
from inventory.model import Cloud
from inventory.plan import plan

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def cloud_of(cloud: Cloud, count: int) -> Cloud:
    """The first city ``count`` times, under other names and numbers."""
    cities = (
        cloud.cities[0].model_copy(update={"name": f"city{number}", "number": number})
        for number in range(1, count + 1)
    )
    return Cloud(file=cloud.file, cities=tuple(cities))


@pytest.mark.parametrize(("name", "language"), [("cloud.svg", Language.EN), ("cloud.ja.svg", Language.JA)])
def test_the_picture_in_the_documentation_is_fresh(cloud: Cloud, name: str, language: Language) -> None:
    """If it is not: omi inventory graph --lang LANG -o docs/NAME."""
    assert (ROOT / "docs" / name).read_text() == draw(cloud, language)


def test_everything_in_the_plan_is_in_the_picture(cloud: Cloud) -> None:
    topology = plan(cloud)
    written = draw(cloud)
    for site in topology.sites:
        assert site.title_en in written
        assert site.title_ja in written
        assert site.prefix in written
        assert str(site.asn) in written
        for host in site.hosts:
            assert host.name in written or re.search(rf">[^<]*\b{host.name.split('-')[1]}\b[^<]*<", written)
    assert written.count('class="line" d=') == (
        sum(link.kind == "line" for link in topology.links())
        + 1  # the active replication leg
        + 1  # the core network
        + len(topology.data_center.routers())  # the legend's samples
    )


def test_each_line_is_drawn_from_its_city_to_its_edge(cloud: Cloud) -> None:
    tips = [element.text for element in parsed(draw(cloud)).iter(f"{SVG}title")]
    for link in plan(cloud).links():
        if link.kind == "line":
            assert f"{link.near} {link.near_interface} - {link.far}: 1 Gbps" in tips


@pytest.mark.parametrize("count", [1, 2, 8, 19, 250])
@pytest.mark.parametrize("language", list(Language))
def test_it_is_well_formed_for_any_number_of_cities(cloud: Cloud, count: int, language: Language) -> None:
    root = parsed(draw(cloud_of(cloud, count), language))
    assert root.tag == f"{SVG}svg"
    assert not [e for e in root.iter() if "nan" in "".join(e.attrib.values())]


@pytest.mark.parametrize("count", [1, 2, 3, 8, 19, 40])
def test_no_card_covers_another_and_all_lie_on_the_paper(cloud: Cloud, count: int) -> None:
    layout = lay_out(plan(cloud_of(cloud, count)))
    boxes = cards(layout)
    assert all(
        box.x > 0 and box.right < layout.width and box.y > 0 and box.bottom < layout.height for box in boxes
    )
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]
    for center in (layout.data_center, layout.backup_center):
        inside = [*center.routers.values(), *center.hosts.values()]
        assert not [pair for pair in combinations(inside, 2) if overlap(*pair)]


@pytest.mark.parametrize("edges", [2, 3, 4])
def test_any_number_of_edge_routers_and_hosts_has_room(cloud: Cloud, edges: int) -> None:
    center = cloud.file.data_center
    groups = tuple(
        center.hosts[0].model_copy(update={"role": role, "count": 9, "at": at})
        for role, at in (("app", 11), ("db", 31), ("cs", 51))
    )
    file = cloud.file.model_copy(
        update={"data_center": center.model_copy(update={"edges": edges, "hosts": groups})}
    )
    layout = lay_out(plan(Cloud(file=file, cities=cloud.cities)))
    inside = [*layout.data_center.routers.values(), *layout.data_center.hosts.values()]
    assert len(inside) == edges + 27
    assert not [pair for pair in combinations(inside, 2) if overlap(*pair)]
    assert all(layout.data_center.card.x <= box.x for box in inside)
    assert all(box.right <= layout.data_center.card.right for box in inside)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400))
@settings(max_examples=25, deadline=None)
def test_any_title_is_written_as_text(title: str) -> None:
    cloud = load(ROOT / "inventory" / "data")
    titles = cloud.file.title.model_copy(update={"en": title, "ja": title})
    city = cloud.cities[0].model_copy(update={"title": titles})
    file = cloud.file.model_copy(update={"title": titles})
    root = parsed(draw(Cloud(file=file, cities=(city,))))
    assert {element.tag for element in root.iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "title", "style", "rect", "g", "text", "path", "circle")
    }


def test_it_needs_nothing_from_elsewhere(cloud: Cloud) -> None:
    written = draw(cloud).replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|href|url\(|@import|<script", written)


def test_text_that_does_not_fit_ends_in_dots() -> None:
    assert fitted("Omihachiman", 200, 16) == "Omihachiman"
    assert fitted("Omihachiman", 60, 16) == "Omiha…"
    assert fitted("近江八幡市", 60, 16) == "近江八…"
    assert text_width("近江", 10) > text_width("Om", 10)


def test_numbers_are_short_and_never_minus_zero() -> None:
    assert [number(value) for value in (-0.04, 1.0, 2.349, 1e4)] == ["0", "1", "2.3", "10000"]


@pytest.mark.parametrize(
    ("bps", "said"),
    [(10**9, "1 Gbps"), (10**8, "100 Mbps"), (2_500_000_000, "2.5 Gbps"), (64_000, "64 kbps"), (9, "9 bps")],
)
def test_rates_are_said_as_people_say_them(bps: int, said: str) -> None:
    assert rate(bps) == said


def cards(layout: Layout) -> list[Box]:
    """All cards: the cities' and the two centers'."""
    return [*layout.cards.values(), layout.data_center.card, layout.backup_center.card]


def parsed(written: str) -> ElementTree.Element:
    """The picture as elements."""
    return ElementTree.fromstring(written)  # noqa: S314 - it was drawn a moment ago, by us


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes cover each other somewhere."""
    return one.x < other.right and other.x < one.right and one.y < other.bottom and other.y < one.bottom
