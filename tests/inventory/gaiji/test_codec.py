"""Text goes to unified text and back without loss: every registered character, and any text of any city."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.gaiji import table
from inventory.gaiji.codec import Converter, UnknownCharactersError, plain
from inventory.gaiji.load import load
from inventory.gaiji.merge import Merged
from inventory.gaiji.notation import is_ordinary, is_stable

from .conftest import DATA

CITIES = [register.city for register in load(DATA).registers]
ORDINARY = st.sampled_from("邉邊髙高斉齋葛漢字かなカナABC 　\n\r\t①〒～") | st.characters().filter(
    is_ordinary
)


@pytest.fixture(scope="module")
def content(merged: Merged) -> dict:
    """The table as a host reads it."""
    return json.loads(table.unparse(table.table(merged)))


@pytest.mark.parametrize("city", CITIES)
def test_every_registered_character_comes_back(content: dict, city: str) -> None:
    converter = table.converter(content, city)
    codes = list(content["cities"][city])
    assert len({converter.to_unified(code) for code in codes}) == len(codes) > 0
    for code in codes:
        assert converter.to_city(converter.to_unified(code)) == code
    for text in ("".join(codes), "".join(reversed(codes)), "邉".join(codes)):
        assert converter.to_city(converter.to_unified(text)) == text


@pytest.mark.parametrize("city", CITIES)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_text_of_a_city_comes_back(content: dict, city: str, data: st.DataObject) -> None:
    converter = table.converter(content, city)
    registered = st.sampled_from(sorted(content["cities"][city]))
    text = data.draw(st.lists(registered | ORDINARY).map("".join))
    assert converter.to_city(converter.to_unified(text)) == text


@pytest.mark.parametrize("city", CITIES)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_unified_text_that_a_city_can_hold_comes_back(
    content: dict, city: str, data: st.DataObject
) -> None:
    converter = table.converter(content, city)
    spelling = st.sampled_from(sorted(content["cities"][city].values()))
    text = data.draw(st.lists(spelling | ORDINARY).map("".join))
    assert converter.to_unified(converter.to_city(text)) == text


@pytest.mark.parametrize("city", CITIES)
def test_normalisation_changes_no_spelling(content: dict, city: str) -> None:
    assert all(map(is_stable, content["cities"][city].values()))


def test_cities_spell_one_character_alike_unless_one_has_it_twice(merged: Merged) -> None:
    for name, entries in merged.members.items():
        first = {}
        for entry in entries:
            first.setdefault(entry.place.city, merged.spellings[entry.place])
        texts = {merged.plain.get(text, text) for text in first.values()}
        assert len(texts) == 1, name


def test_everything_unknown_is_told_and_nothing_converted() -> None:
    converter = Converter({"\ue000": "邉\U000e010f"})
    with pytest.raises(UnknownCharactersError) as caught:
        converter.to_unified("\ue000渡\ue001邉𠮷")
    assert str(caught.value) == "no counterpart: U+E001 at 2, U+20BB7 at 4"
    with pytest.raises(UnknownCharactersError) as caught:
        converter.to_city("邉\U000e010f邉\U000e0110")
    assert str(caught.value) == "no counterpart: U+E0110 at 3"


def test_a_spelling_that_was_given_once_is_still_understood() -> None:
    converter = Converter({"\ue000": "𠮷"}, {"\U000f0000": "\ue000"})
    assert converter.to_city("𠮷\U000f0000") == "\ue000\ue000"
    assert converter.to_unified("\ue000") == "𠮷"


def test_for_comparing_every_spelling_of_a_character_is_one(merged: Merged) -> None:
    for entries in merged.members.values():
        assert len({plain(merged.spellings[entry.place], merged.plain) for entry in entries}) == 1
    assert plain("渡邉\U00100000", {}) == "渡邉\U00100000"
    assert plain("邉\U000e010f邉", {"邉\U000e010f": "x", "邉": "y"}) == "xy"
