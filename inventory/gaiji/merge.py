"""Registers to one: every registered character gets a spelling in unified text, once and for good.

The rules, in order:

1. What the ledger gave stays, as long as the register still says the same character.
2. A code gets its character's first lasting spelling in Unicode that the city has not used: a code point of its
   own, then those with a variation selector. Ordinary characters are no spelling of a registered one.
3. Else a spelling of the cities' own (planes 15 and 16) that another city already has for the character.
4. Else a new one. What one city registered twice so has two spellings, and both ways are without loss.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from inventory.gaiji.groups import Groups, group, is_place
from inventory.gaiji.model import Decision, Entry, Given, Place, Register
from inventory.gaiji.notation import COPIES, MJ, UNIFIED, is_ordinary, is_private, is_stable, spelled
from inventory.gaiji.questions import Question, questions
from inventory.gaiji.reference import Reference
from inventory.problem import Problem


@dataclass(frozen=True)
class Merged:
    """The cities' registers as one."""

    registers: tuple[Register, ...]
    members: Mapping[str, tuple[Entry, ...]]
    """Character (figure's name, or the place it is first registered at) to its entries."""
    spellings: Mapping[Place, str]
    """How unified text spells each registered code."""
    ledger: tuple[Given, ...]
    """All that was ever given, what is new at the end."""
    added: int
    """How many lines of the ledger are new."""
    plain: Mapping[str, str]
    """Every spelling beside a character's first, to the first: for comparing and searching."""
    questions: tuple[Question, ...]

    @cached_property
    def name_of(self) -> dict[Place, str]:
        """Each place's character."""
        return {entry.place: name for name, entries in self.members.items() for entry in entries}

    @cached_property
    def collisions(self) -> tuple[int, ...]:
        """Codes that mean different characters in different cities. Each city's text is read by its own register."""
        meanings: dict[int, set[str]] = defaultdict(set)
        for name, entries in self.members.items():
            for entry in entries:
                meanings[entry.place.code].add(name)
        return tuple(sorted(code for code, names in meanings.items() if len(names) > 1))

    @cached_property
    def shared(self) -> tuple[str, ...]:
        """Characters that several cities registered."""
        return tuple(
            name for name, entries in self.members.items() if len({e.place.city for e in entries}) > 1
        )

    @cached_property
    def repeated(self) -> tuple[tuple[Entry, ...], ...]:
        """Codes of one city that mean one character: each keeps its own spelling, so that nothing is lost."""
        by_city: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for name, entries in self.members.items():
            for entry in entries:
                by_city[entry.place.city, name].append(entry)
        return tuple(tuple(entries) for entries in by_city.values() if len(entries) > 1)


def merge(
    registers: Iterable[Register],
    decisions: Iterable[Decision],
    ledger: Iterable[Given],
    reference: Reference,
    *,
    complete: bool = True,
) -> tuple[Merged, list[Problem]]:
    """The registers as one, in whatever order they come, and the decisions that cannot be.

    Where the registers are not ``complete``, because lines of them are faulty, decisions may name what is missing.
    """
    in_order = tuple(sorted(registers, key=lambda register: register.city))
    entries = list(chain.from_iterable(register.entries for register in in_order))
    decided = tuple(decisions)
    groups, problems = group(entries, decided, reference, complete)
    members: dict[str, tuple[Entry, ...]] = {}
    for entry in entries:
        name = groups.name(entry.identity)
        members[name] = (*members.get(name, ()), entry)
    giving = Giving(groups, reference, ledger)
    spellings = {entry.place: giving.spelling(entry) for entry in entries}
    return (
        Merged(
            in_order,
            members,
            spellings,
            tuple(giving.ledger),
            giving.added,
            plain(members, spellings, reference),
            questions(members, decided),
        ),
        problems,
    )


class Giving:
    """Spellings as they are given, one after the other."""

    def __init__(self, groups: Groups, reference: Reference, ledger: Iterable[Given]) -> None:
        self.groups = groups
        self.reference = reference
        self.ledger: list[Given] = []
        self.added = 0
        self.current: dict[Place, Given] = {}
        self.owner: dict[tuple[str, str], Place] = {}
        """City and spelling to the place that has it, or had it."""
        self.own: dict[str, set[str]] = defaultdict(set)
        self.next = {UNIFIED: UNIFIED[0], COPIES: COPIES[0]}
        for given in ledger:
            self.note(given)

    def note(self, given: Given) -> None:
        """Enter a line into the ledger."""
        self.ledger.append(given)
        self.current[given.place] = given
        self.owner[given.place.city, given.text] = given.place
        if is_private(given.text[0]):
            self.own[self.groups.name(given.identity)].add(given.text)
            for plane in self.next:
                if ord(given.text) in plane:
                    self.next[plane] = max(self.next[plane], ord(given.text) + 1)

    def spelling(self, entry: Entry) -> str:
        """The spelling that the entry has, or now gets."""
        given, name = self.current.get(entry.place), self.groups.name(entry.identity)
        if given and self.groups.name(given.identity) == name:
            return given.text
        candidates = chain(unicode_spellings(name, self.reference), sorted(self.own[name]), (self.new(name),))
        place = entry.place
        text = next(text for text in candidates if self.owner.get((place.city, text), place) == place)
        self.note(Given(place, text, entry.identity))
        self.added += 1
        return text

    def new(self, name: str) -> str:
        """A spelling that nobody has yet: a copy's, where the character already has one."""
        has_one = all_spellings(name, self.reference) or self.own[name]
        return chr(self.next[COPIES if has_one else UNIFIED])


def unicode_spellings(name: str, reference: Reference) -> list[str]:
    """The lasting spellings of a character that a register may give to a code; none where it has no figure."""
    return [text for text in all_spellings(name, reference) if len(text) > 1 or not is_ordinary(text)]


def all_spellings(name: str, reference: Reference) -> tuple[str, ...]:
    """Every lasting spelling in Unicode, best first."""
    if is_place(name):
        return ()
    if MJ.fullmatch(name):
        return reference.lasting(name)
    text = spelled(name)
    return (text,) if text and is_stable(text) else ()


def plain(
    members: Mapping[str, tuple[Entry, ...]], spellings: Mapping[Place, str], reference: Reference
) -> dict[str, str]:
    """Spelling to the first spelling of the same character, where it is another."""
    found = {}
    for name, entries in members.items():
        own = sorted({spellings[entry.place] for entry in entries})
        first = next(chain(all_spellings(name, reference), own))
        found.update({text: first for text in own if text != first})
    return found
