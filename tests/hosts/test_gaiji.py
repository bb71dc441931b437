"""Hosts with names of people have the merged characters, and show every one that has a shape."""

from __future__ import annotations

import json
from functools import cache

import pytest

from inventory.gaiji import table
from inventory.gaiji.load import load
from inventory.gaiji.notation import COPIES, UNIFIED
from tests.hosts import observation
from tests.hosts.conftest import declaration

pytestmark = pytest.mark.live

TABLE = "/usr/share/omi/gaiji/table.json"
FONT = "/usr/local/share/fonts/omi-gaiji.ttf"


@pytest.fixture(scope="module")
def content():
    """The table that hosts should have."""
    return table.table(load(declaration()))


def characters(content):
    """A registered character with a variation selector, and one of the cities' own."""
    texts = {text for city in content["cities"].values() for text in city.values()}
    varied = next(text for text in sorted(texts) if len(text) == 2)
    return varied[0], next(iter(sorted(content["figures"])))


@pytest.fixture(scope="module")
def shown(on, content):
    """``shown(host)``: the table, its owner and mode, the families of fonts, the own font's ranges; asked once."""
    varied, own = (f"{ord(character):x}" for character in characters(content))
    patterns = [f"gaiji:charset={varied}", f"sans-serif:charset={varied}", f"gaiji:charset={own}"]
    commands = {
        "table": f"cat {TABLE}",
        "owner": f"stat -c '%U %a' {TABLE}",
        "families": "\n".join(f"fc-match {pattern} family" for pattern in patterns),
        "ranges": f"fc-query --format '%{{charset}}' {FONT}",
    }

    @cache
    def ask(name):
        return observation.read(on(name).check_output(observation.script(commands)))

    return lambda host: ask(host.name)


def test_the_table_is_the_merge(names_host, shown, content):
    assert json.loads(shown(names_host)["table"]) == content
    assert shown(names_host)["owner"].split() == ["root", "644"]


def test_registered_characters_are_shown_by_the_fonts_with_their_figures(names_host, shown):
    families = [line.split(",")[0] for line in shown(names_host)["families"].splitlines()]
    assert families == ["IPAmjMincho", "IPAmjMincho", "Omi Gaiji"]


def test_the_cities_own_font_has_every_code_point_with_a_figure_and_no_other(names_host, shown, content):
    ranges = [part.split("-") for part in shown(names_host)["ranges"].split()]
    found = {chr(code) for ends in ranges for code in range(int(ends[0], 16), int(ends[-1], 16) + 1)}
    assert {c for c in found if ord(c) in UNIFIED or ord(c) in COPIES} == found == set(content["figures"])
