"""What no rule can answer: a person has to look at the characters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from inventory.gaiji.groups import is_place
from inventory.gaiji.model import Decision, Entry

Members = Mapping[str, tuple[Entry, ...]]
"""Group to its entries, in order of places."""
Kind = Literal["alike", "contradiction"]

COUNTED_DIFFERENTLY = 1
"""Strokes by which two clerks' counts of one character may differ."""
READ_THE_SAME = 2
"""The same for one figure if they read it alike as well. Beyond that they mean two."""

WRONG: dict[Kind, str] = {
    "alike": "may be the same as",
    "contradiction": "is said to be the same figure as",
}


@dataclass(frozen=True)
class Question:
    """Two registered characters: are they the same?

    ``alike``: neither has a figure, and their evidence agrees. ``contradiction``: their registers name one
    figure, and the evidence says two.
    """

    kind: Kind
    one: Entry
    other: Entry

    def __str__(self) -> str:
        return (
            f"{self.one.file}:{self.one.line}: {self.one.place} ({evidence(self.one)}) {WRONG[self.kind]}"
            f" {self.other.place} ({evidence(self.other)}) in {self.other.file}:{self.other.line};"
            f" look at both and add '{self.answer()}' to decisions.csv{self.otherwise()}"
        )

    def answer(self) -> str:
        """How a decision begins that answers it."""
        verb = "same" if self.kind == "contradiction" else "same or different"
        return f"{verb},{self.one.place},{self.other.place},why"

    def otherwise(self) -> str:
        """What else would answer it."""
        return ", or correct the register that is wrong" if self.kind == "contradiction" else ""


def evidence(entry: Entry) -> str:
    """An entry's strokes and readings, for a person."""
    return f"{entry.strokes} strokes, {' '.join(sorted(entry.readings))}"


def questions(members: Members, decisions: Iterable[Decision]) -> tuple[Question, ...]:
    """Every question that no decision answers, in order of places."""
    answered = {frozenset((decision.one, decision.other)) for decision in decisions}
    found = [*alike(members, answered), *contradictions(members, answered)]
    return tuple(sorted(found, key=lambda question: (question.one.place, question.other.place)))


def alike(members: Members, answered: set[frozenset[str]]) -> list[Question]:
    """Characters without a figure whose readings and strokes agree: one question for two groups."""
    by_reading: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
    for name, entries in members.items():
        for entry in entries if is_place(name) else ():
            for reading in sorted(entry.readings):
                by_reading[reading].append((name, entry))
    pairs: dict[frozenset[str], Question] = {}
    for found in by_reading.values():
        for (name, entry), (other_name, other) in combinations(
            sorted(found, key=lambda item: item[1].place), 2
        ):
            if name != other_name and abs(entry.strokes - other.strokes) <= COUNTED_DIFFERENTLY:
                pairs.setdefault(frozenset((name, other_name)), Question("alike", entry, other))
    apart = {pair for pair in pairs if is_answered(members, pair, answered)}
    return [question for pair, question in pairs.items() if pair not in apart]


def is_answered(members: Members, pair: frozenset[str], answered: set[frozenset[str]]) -> bool:
    """Whether a decision names a member of each of the two groups."""
    one, other = pair
    return any(
        frozenset((str(entry.place), str(another.place))) in answered
        for entry in members[one]
        for another in members[other]
    )


def contradictions(members: Members, answered: set[frozenset[str]]) -> list[Question]:
    """Entries whose evidence contradicts what most of those say who name the same figure."""
    found = []
    for name, entries in members.items():
        witness = max(entries, key=lambda entry: sum(agree(entry, other) for other in entries))
        for entry in entries:
            names = frozenset((str(entry.place), str(witness.place))), frozenset((str(entry.place), name))
            if not agree(entry, witness) and not answered.intersection(names):
                found.append(Question("contradiction", entry, witness))
    return found


def agree(one: Entry, other: Entry) -> bool:
    """Whether the evidence of two entries can be that of one character."""
    apart = abs(one.strokes - other.strokes)
    return apart <= (READ_THE_SAME if one.readings & other.readings else COUNTED_DIFFERENTLY)
