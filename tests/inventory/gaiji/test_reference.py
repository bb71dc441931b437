"""The MJ figures that come with the repository are those of the font, and spell what they say."""

from __future__ import annotations

import pytest

from inventory.gaiji import reference as references
from inventory.gaiji.notation import is_stable, spelled, written
from inventory.gaiji.reference import Reference


@pytest.mark.parametrize(
    ("figure", "notations"),
    [
        ("MJ026190", ["U+9089", "U+9089 U+E010F"]),
        ("MJ032129", ["U+20BB7"]),
        ("MJ030183", ["U+F91D", "U+6B04 U+E0103", "U+6B04 U+FE00"]),
        ("MJ014004", []),
    ],
)
def test_a_figure_has_its_spellings_best_first(
    reference: Reference, figure: str, notations: list[str]
) -> None:
    assert [written(text) for text in reference.spellings[figure]] == notations
    assert all(reference.figures[spelled(notation)] == figure for notation in notations)


def test_a_spelling_is_one_figures(reference: Reference) -> None:
    texts = [text for spellings in reference.spellings.values() for text in spellings]
    assert len(texts) == len(set(texts)) == len(reference.figures) > 60_000


def test_whatever_has_a_spelling_has_one_that_lasts(reference: Reference) -> None:
    for figure, spellings in reference.spellings.items():
        assert bool(reference.lasting(figure)) == bool(spellings)
    assert not is_stable("\ufa19")
    assert reference.lasting("MJ030183")[0] == "欄\U000e0103"


def test_it_is_read_as_it_is_written(reference: Reference) -> None:
    text = references.unparse(reference.spellings)
    assert references.parse(text.splitlines()) == reference
