"""The fingerprint of a declaration: its meaning counts, its layout does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.digest import digest
from inventory.load import load

KONAN = Path("cities/konan.yaml")


@pytest.mark.usefixtures("declaration")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("number: 5\n", "number:    5  # fixes every address\n\n"),
        (
            "name: konan\ntitle: {en: Konan, ja: 湖南市}\n",
            "title:\n  ja: 湖南市\n  en: 'Konan'\nname: konan\n",
        ),
        ("value: 54460,", "value: 54460.0,"),
        ("joined: founder\n", "joined: founder\nrouter: incus\n"),
    ],
    ids=["a comment and space", "order of keys and quotes", "a decimal point", "a default written out"],
)
def test_layout_does_not_count(old: str, new: str) -> None:
    before = digest(load(Path()))
    change(old, new)
    assert digest(load(Path())) == before


@pytest.mark.usefixtures("declaration")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("number: 5", "number: 6"),
        ("value: 54460,", "value: 54461,"),
        ("source: public", "source: assumption"),
        ("note: 2020 census", "note: 2025 census"),
        ("ja: 湖南市", "ja: 湖南"),
        ("[standard, juki,", "[juki, standard,"),
        ("joined: founder\n", "joined: founder\nrouter: external\n"),
    ],
)
def test_every_value_counts(old: str, new: str) -> None:
    before = digest(load(Path()))
    change(old, new)
    assert digest(load(Path())) != before


@pytest.mark.usefixtures("declaration")
def test_a_city_more_or_less_counts() -> None:
    digests = {digest(load(Path())), digest(load(Path(), add=["otsu"]))}
    KONAN.unlink()
    digests.add(digest(load(Path())))
    assert len(digests) == 3


def change(old: str, new: str) -> None:
    """Replace ``old``, which stands in konan.yaml at least once, where it stands first."""
    text = KONAN.read_text()
    assert old in text
    KONAN.write_text(text.replace(old, new, 1))
