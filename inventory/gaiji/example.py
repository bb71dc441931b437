"""Made-up registers with known faults, from a seed: no city has published its own.

What is made up is who registered what, where and with which mistakes; the figures are real ones. The same seed gives
the same files, byte for byte.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from inventory.gaiji import ledger, register, rows
from inventory.gaiji.decisions import COLUMNS as DECISION_COLUMNS
from inventory.gaiji.load import DECISIONS, FOLDER, LEDGER, MADE_UP, REGISTERS
from inventory.gaiji.merge import Merged, merge
from inventory.gaiji.model import Decision, Place, Register
from inventory.gaiji.notation import MJ, PRIVATE, is_ordinary, written
from inventory.gaiji.questions import Question
from inventory.gaiji.reference import Reference

POOL = "example.csv"
POOL_COLUMNS = ("character", "strokes", "reading")
PEOPLE_PER_INVENTED = 15_000
SEED = 20151001
"""Of the registers in this repository: the day the council was set up."""


@dataclass(frozen=True)
class Rates:
    """How often what happens; of all entries of a register. All are assumptions: nobody has published any."""

    people_per_entry: int = 500
    repeated: float = 0.03
    """The city has registered the character already."""
    ordinary: float = 0.01
    """Old systems have the character anyway; nobody looked."""
    in_no_list: float = 0.05
    """Nobody found it in MJ."""
    named_by_unicode: float = 0.4
    """The clerk gave Unicode's spelling where the others gave the figure's name."""
    counted_differently: float = 0.1
    """Strokes are one more or less."""
    wrong_evidence: float = 0.01
    """Strokes are those of another character."""
    gap: float = 0.04
    """The next code point was left out."""


@dataclass(frozen=True)
class Meaning:
    """What an entry really is, which no register says: figure or invented character, with the true evidence."""

    name: str
    strokes: int
    readings: tuple[str, ...]


@dataclass
class Example:
    """The files, by their path in the declaration's folder, and what every entry really is."""

    files: dict[str, str] = field(default_factory=dict)
    meanings: dict[Place, Meaning] = field(default_factory=dict)


def pool(path: Path, reference: Reference) -> list[Meaning]:
    """The figures that entries may mean. The file is part of the program: faults raise ValueError."""
    found, problems = rows.read(path, POOL_COLUMNS)
    if problems:
        raise ValueError(str(problems[0]))
    figures = variants(reference)
    return [
        Meaning(figure, int(row.fields["strokes"]), tuple(row.fields["reading"].split()))
        for row in found
        for figure in figures.get(row.fields["character"], [row.fields["character"]])
    ]


def variants(reference: Reference) -> dict[str, list[str]]:
    """Every kanji to the figures that Unicode counts as this kanji."""
    found: dict[str, list[str]] = defaultdict(list)
    for figure, spellings in reference.spellings.items():
        for kanji in {text[0] for text in spellings}:
            found[kanji].append(figure)
    return found


def example(
    people: Mapping[str, int], figures: Sequence[Meaning], reference: Reference, seed: int, rates: Rates
) -> Example:
    """Registers of the cities in ``people``, the decisions that answer every question, and the ledger."""
    clerk = Clerk(random.Random(seed), rates, figures, reference)  # noqa: S311 - examples, not secrets
    clerk.invent(sum(people.values()) // PEOPLE_PER_INVENTED)
    result = Example()
    registers = []
    for city in sorted(people):
        lines = clerk.register(city, people[city] // rates.people_per_entry)
        result.meanings.update({line.place: line.meaning for line in lines})
        text = heading(city, seed) + "\n".join([",".join(register.COLUMNS), *map(clerk.spell, lines)]) + "\n"
        result.files[f"{FOLDER}/{REGISTERS}/{city}.csv"] = text
        registers.append(read_back(city, text, reference))
    decided, merged = answered(registers, reference, result.meanings)
    result.files[f"{FOLDER}/{DECISIONS}"] = decisions_file(decided, seed)
    result.files[f"{FOLDER}/{LEDGER}"] = ledger.unparse(merged.ledger)
    return result


class Line(NamedTuple):
    """A line of a register: what it means, and what its clerk noted as evidence."""

    place: Place
    meaning: Meaning
    strokes: int
    readings: tuple[str, ...]


class Clerk:
    """Writes registers by chance."""

    def __init__(
        self, chance: random.Random, rates: Rates, figures: Sequence[Meaning], reference: Reference
    ) -> None:
        self.chance = chance
        self.rates = rates
        self.reference = reference
        self.figures = [meaning for meaning in figures if not is_in_old_systems(meaning.name, reference)]
        self.ordinary = [meaning for meaning in figures if is_in_old_systems(meaning.name, reference)]
        self.invented: list[Meaning] = []

    def invent(self, count: int) -> None:
        """Think of characters in no list: each like a known one, with a few strokes more or less."""
        for number in range(count):
            like, more = self.chance.choice(self.figures), self.chance.choice((-2, -1, 1, 2))
            self.invented.append(Meaning(f"invented {number}", max(1, like.strokes + more), like.readings))

    def register(self, city: str, count: int) -> list[Line]:
        """A city's register."""
        lines: list[Line] = []
        unused = self.chance.sample(self.figures, len(self.figures))
        code = PRIVATE[0]
        for _ in range(count):
            meaning = self.meaning(lines, unused)
            noted = self.chance.sample(
                meaning.readings, min(len(meaning.readings), self.chance.choice((1, 2)))
            )
            lines.append(Line(Place(city, code), meaning, self.counted(meaning.strokes), tuple(noted)))
            code += 2 if self.chance.random() < self.rates.gap else 1
        return lines

    def meaning(self, lines: Sequence[Line], unused: list[Meaning]) -> Meaning:
        """What the next entry means."""
        drawn = self.chance.random()
        for rate, choices in (
            (self.rates.repeated, [line.meaning for line in lines]),
            (self.rates.ordinary, self.ordinary),
            (self.rates.in_no_list, self.invented),
        ):
            if drawn < rate and choices:
                return self.chance.choice(choices)
            drawn -= rate
        return unused.pop()

    def counted(self, strokes: int) -> int:
        """The strokes that a clerk counted."""
        drawn = self.chance.random()
        if drawn < self.rates.wrong_evidence:
            return strokes + self.chance.choice((5, 6, 7))
        if drawn < self.rates.wrong_evidence + self.rates.counted_differently:
            return strokes + self.chance.choice((-1, 1))
        return strokes

    def spell(self, line: Line) -> str:
        """The line as it stands in the file."""
        return f"{line.place.code:04X},{self.notation(line.meaning)},{line.strokes},{' '.join(line.readings)}"

    def notation(self, meaning: Meaning) -> str:
        """How a clerk names the character: by its figure, by Unicode, or not at all."""
        if not MJ.fullmatch(meaning.name):
            return register.MISSING
        spellings = self.reference.spellings[meaning.name]
        if spellings and self.chance.random() < self.rates.named_by_unicode:
            return written(self.chance.choice(spellings))
        return meaning.name


def is_in_old_systems(figure: str, reference: Reference) -> bool:
    """Whether old systems have the figure without registering it."""
    return any(len(text) == 1 and is_ordinary(text) for text in reference.spellings[figure])


def heading(city: str, seed: int) -> str:
    """What a register says of itself."""
    return (
        f"{MADE_UP}, not the register of {city}: `omi gaiji example --seed {seed}` wrote it. 架空のデータです。\n"
        "# Strokes and readings: KANJIDIC, Electronic Dictionary Research and Development Group (CC BY-SA).\n"
    )


def read_back(city: str, text: str, reference: Reference) -> Register:
    """The register that was just written."""
    found, problems = rows.parse(text, city, register.COLUMNS)
    result, wrong = register.register(city, found, reference)
    assert not problems + wrong  # noqa: S101 - it would be a fault of this module
    return result


def answered(
    registers: Sequence[Register], reference: Reference, meanings: Mapping[Place, Meaning]
) -> tuple[list[Decision], Merged]:
    """The answer to every question by one who knows what each entry means, and what becomes of the registers."""
    decided: list[Decision] = []
    while True:
        merged, _ = merge(registers, decided, (), reference)
        if not merged.questions:
            return decided, merged
        decided += [answer(question, meanings) for question in merged.questions]


def answer(question: Question, meanings: Mapping[Place, Meaning]) -> Decision:
    """The answer of one who knows."""
    one, other = question.one.place, question.other.place
    return Decision("same" if meanings[one] == meanings[other] else "different", str(one), str(other), "", 0)


def decisions_file(decided: Iterable[Decision], seed: int) -> str:
    """The decisions' file."""
    lines = [f"{d.verb},{d.one},{d.other},made up with the registers" for d in decided]
    first = f"{MADE_UP} with the registers: `omi gaiji example --seed {seed}` wrote it. 架空のデータです。\n"
    return first + "\n".join([",".join(DECISION_COLUMNS), *lines]) + "\n"
