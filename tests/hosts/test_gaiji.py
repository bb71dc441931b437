"""Hosts with names of people have the merged characters, and show every one that has a shape."""

from __future__ import annotations

import json

import pytest

from inventory.gaiji import table
from inventory.gaiji.load import load
from inventory.gaiji.notation import COPIES, UNIFIED
from tests.hosts.conftest import declaration

pytestmark = pytest.mark.live

ROLES = {"app", "pc", "print"}
TABLE = "/usr/share/omi/gaiji/table.json"


@pytest.fixture(scope="module")
def content():
    """The table that hosts should have."""
    return table.table(load(declaration()))


@pytest.fixture
def names_host(any_host):
    """A host on which names of people are typed, kept or printed."""
    if any_host.role not in ROLES:
        pytest.skip("no names of people here")
    return any_host


def family(host, pattern):
    """The family of the font that programs get for a pattern."""
    return host.check_output("fc-match %s family", pattern).split(",")[0]


def test_the_table_is_the_merge(names_host, on, content):
    found = on(names_host.name).file(TABLE)
    assert json.loads(found.content_string) == content
    assert (found.user, found.mode) == ("root", 0o644)


def test_registered_characters_are_shown_by_the_fonts_with_their_figures(names_host, on, content):
    host = on(names_host.name)
    texts = {text for city in content["cities"].values() for text in city.values()}
    varied = next(text for text in sorted(texts) if len(text) == 2)
    assert family(host, f"gaiji:charset={ord(varied[0]):x}") == "IPAmjMincho"
    assert family(host, f"sans-serif:charset={ord(varied[0]):x}") == "IPAmjMincho"
    own = next(iter(sorted(content["figures"])))
    assert family(host, f"gaiji:charset={ord(own):x}") == "Omi Gaiji"


def test_the_cities_own_font_has_every_code_point_with_a_figure_and_no_other(names_host, on, content):
    listed = on(names_host.name).check_output(
        "fc-query --format '%{charset}' /usr/local/share/fonts/omi-gaiji.ttf"
    )
    ranges = [part.split("-") for part in listed.split()]
    found = {chr(code) for ends in ranges for code in range(int(ends[0], 16), int(ends[-1], 16) + 1)}
    assert {c for c in found if ord(c) in UNIFIED or ord(c) in COPIES} == found == set(content["figures"])
