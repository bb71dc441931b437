"""The ledger (``unified.csv``): which spelling was given to whom. It only grows; later lines count.

Text in the cities' databases is spelled by it, so nothing that stands in it may change. That is why a city that
joins disturbs nobody (docs/decisions/0071-a-ledger-of-spellings.md).
"""

from __future__ import annotations

from collections.abc import Iterable

from inventory.gaiji.model import Given, Place
from inventory.gaiji.notation import (
    COPIES,
    MJ,
    PLACE,
    PRIVATE,
    UNIFIED,
    is_ordinary,
    is_private,
    spelled,
    written,
)
from inventory.gaiji.rows import Row
from inventory.problem import Problem

COLUMNS = ("place", "unified", "character")
HEADING = (
    "# How unified text spells each registered character. Written by `omi gaiji merge --write`;\n"
    "# lines are added, never changed: stored text is spelled by them.\n"
)


def ledger(rows: Iterable[Row]) -> tuple[tuple[Given, ...], list[Problem]]:
    """The lines of the ledger and all that is wrong with them."""
    found: list[Given] = []
    problems: list[Problem] = []
    owners: dict[tuple[str, str], Place] = {}
    for row in rows:
        given = read_line(row)
        if given is None:
            right = "take the ledger from the repository's history; it is not edited by hand"
            problems.append(row.problem("place", "not a line of the ledger", right))
        elif owners.setdefault((given.place.city, given.text), given.place) != given.place:
            right = "take the ledger from the repository's history; a spelling belongs to one code point of a city"
            problems.append(row.problem("unified", f"{written(given.text)} is given twice", right))
        else:
            found.append(given)
    return tuple(found), problems


def read_line(row: Row) -> Given | None:
    """One line; None if it is none."""
    place = PLACE.fullmatch(row.fields["place"])
    text = spelled(row.fields["unified"])
    identity = row.fields["character"]
    sound = MJ.fullmatch(identity) or PLACE.fullmatch(identity) or spelled(identity)
    if (
        place is None
        or text is None
        or not sound
        or int(place[2], 16) not in PRIVATE
        or not may_be_given(text)
    ):
        return None
    return Given(Place(place[1], int(place[2], 16)), text, identity)


def may_be_given(text: str) -> bool:
    """Whether unified text can hold it for a registered character and still be told from all else."""
    if any(map(is_private, text)):
        return len(text) == 1 and (ord(text) in UNIFIED or ord(text) in COPIES)
    return len(text) > 1 or not is_ordinary(text)


def unparse(given: Iterable[Given]) -> str:
    """The ledger's file."""
    lines = [f"{line.place},{written(line.text)},{line.identity}" for line in given]
    return HEADING + "\n".join([",".join(COLUMNS), *lines]) + "\n"
