"""The table that applications convert by, as it lies on the hosts (``/usr/share/omi/gaiji/table.json``)."""

from __future__ import annotations

import json
from typing import Any

from inventory.gaiji.codec import Converter
from inventory.gaiji.merge import Merged
from inventory.gaiji.notation import MJ, is_private

VERSION = 1


def table(merged: Merged) -> dict[str, Any]:
    """The merged registers as plain data.

    ``cities``: a city's codes to spellings. ``earlier``: spellings that were given once, to the city's codes.
    ``plain``: spelling to first spelling. ``figures``: what the font shows for a spelling of the cities' own.
    """
    cities: dict[str, dict[str, str]] = {register.city: {} for register in merged.registers}
    for place, text in sorted(merged.spellings.items()):
        cities[place.city][chr(place.code)] = text
    return {
        "version": VERSION,
        "cities": cities,
        "earlier": earlier(merged, cities),
        "plain": dict(sorted(merged.plain.items())),
        "figures": figures(merged),
    }


def earlier(merged: Merged, cities: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """For each city, the spellings that its codes had before."""
    found: dict[str, dict[str, str]] = {city: {} for city in cities}
    for given in merged.ledger:
        code = chr(given.place.code)
        if given.place in merged.spellings and cities[given.place.city][code] != given.text:
            found[given.place.city][given.text] = code
    return found


def figures(merged: Merged) -> dict[str, str]:
    """Every spelling of the cities' own whose character has a figure, to the figure's name."""
    return {
        text: name
        for name, entries in merged.members.items()
        for text in sorted({merged.spellings[entry.place] for entry in entries})
        if MJ.fullmatch(name) and is_private(text[0])
    }


def unparse(content: dict[str, Any]) -> str:
    """The table's file. ASCII: an editor or a diff shows what no font has."""
    return json.dumps(content, ensure_ascii=True, indent=1, sort_keys=True) + "\n"


def converter(content: dict[str, Any], city: str) -> Converter:
    """The converter of a city, from a table. Raises KeyError where it has no register."""
    return Converter(content["cities"][city], content["earlier"][city])
