"""The picture of the cloud, made from the plan: sites, edge routers, lines with their rates, zones and hosts.

layout   where everything lies: pure geometry                    (inventory.graph.layout)
parts    what a card, a router, a line looks like                (inventory.graph.parts)
svg      shapes as text                                          (inventory.graph.svg)
words    what is written, in English and Japanese                (inventory.graph.words)

The same declaration always gives the same bytes, so a picture in the documentation can be held against it.
"""

from __future__ import annotations

from inventory.graph import parts, svg
from inventory.graph.layout import lay_out
from inventory.graph.words import Language, words_of
from inventory.model import Cloud
from inventory.plan import plan

__all__ = ["Language", "draw"]


def draw(cloud: Cloud, language: Language = Language.EN) -> str:
    """The cloud as an SVG document that needs nothing beside it."""
    topology = plan(cloud)
    words = words_of(language)
    layout = lay_out(topology)
    body = [
        *parts.heading(cloud, topology, words, layout),
        *parts.disaster_rails(layout),
        *parts.lines(topology, layout),
        *(parts.city_card(site, topology, layout, words) for site in topology.cities),
        parts.center_card(topology.data_center, layout.data_center, words),
        parts.center_card(topology.backup_center, layout.backup_center, words),
        *parts.core(topology, layout.data_center),
        *parts.replication(topology, layout, words),
        *parts.center_routers(topology.data_center, layout.data_center),
        *parts.center_routers(topology.backup_center, layout.backup_center),
        *parts.joints(topology, layout),
        *parts.legend(cloud, topology, words, layout),
    ]
    title = words.pick(cloud.file.title.en, cloud.file.title.ja)
    return svg.document(layout.width, layout.height, title, parts.STYLE, body)
