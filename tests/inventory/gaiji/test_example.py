"""The registers in this repository come from the seed, and their faults are found: all of them, and no others."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations, product

import pytest

from inventory.gaiji import example as examples
from inventory.gaiji.example import Example, Rates, example, pool
from inventory.gaiji.load import REGISTERS, load
from inventory.gaiji.merge import Merged, merge
from inventory.gaiji.notation import MJ
from inventory.gaiji.reference import Reference
from inventory.load import load as load_cloud

from .conftest import DATA


@pytest.fixture(scope="module")
def people() -> dict[str, int]:
    """The declared cities' people."""
    return {city.name: round(city.population.value) for city in load_cloud(DATA).cities}


@pytest.fixture(scope="module")
def made(people: dict[str, int], reference: Reference) -> Example:
    """What the seed gives."""
    figures = pool(DATA / "gaiji" / examples.POOL, reference)
    return example(people, figures, reference, examples.SEED, Rates())


def test_the_registers_here_are_the_seeds(made: Example) -> None:
    for name, text in made.files.items():
        assert (DATA / name).read_text(encoding="utf-8") == text, (
            f"{name}: omi gaiji example -o inventory/data"
        )
    kept = {f"gaiji/{REGISTERS}/{path.name}" for path in (DATA / "gaiji" / REGISTERS).iterdir()}
    assert kept == {name for name in made.files if REGISTERS in name}


def test_every_register_here_says_that_it_is_made_up(merged: Merged) -> None:
    assert len(merged.registers) == 8
    assert all(register.made_up for register in merged.registers)


def test_every_question_here_is_answered_and_every_spelling_in_the_ledger(merged: Merged) -> None:
    assert merged.questions == ()
    assert merged.added == 0


def test_codes_are_merged_where_they_mean_the_same_figure_and_nowhere_else(
    made: Example, merged: Merged
) -> None:
    meant = defaultdict(set)
    for place, meaning in made.meanings.items():
        if MJ.fullmatch(meaning.name):
            meant[meaning.name].add(place)
    found = {
        name: {e.place for e in entries} for name, entries in merged.members.items() if MJ.fullmatch(name)
    }
    assert found == meant


def test_of_characters_in_no_list_only_those_are_missed_whose_evidence_tells_nothing(
    made: Example, merged: Merged
) -> None:
    meant = defaultdict(list)
    for entries in merged.members.values():
        assert len({made.meanings[entry.place] for entry in entries}) == 1
        meant[made.meanings[entries[0].place].name].append(entries)
    missed = [pair for groups in meant.values() for pair in combinations(groups, 2)]
    assert 0 < len(missed) < 20
    for one, other in missed:
        for entry, another in product(one, other):
            assert not entry.readings & another.readings or abs(entry.strokes - another.strokes) > 1


def test_every_repetition_and_collision_is_found_and_no_other(made: Example, merged: Merged) -> None:
    figures = {place: meaning.name for place, meaning in made.meanings.items() if MJ.fullmatch(meaning.name)}
    times = Counter((place.city, name) for place, name in figures.items())
    found = [entries for entries in merged.repeated if entries[0].place in figures]
    assert len(found) == sum(count > 1 for count in times.values()) > 20
    codes = defaultdict(set)
    for place in made.meanings:
        codes[place.code].add(merged.name_of[place])
    assert set(merged.collisions) == {code for code, names in codes.items() if len(names) > 1}


def test_without_answers_nothing_that_differs_is_merged(made: Example, reference: Reference) -> None:
    alone, _ = merge(load(DATA).registers, (), (), reference)
    assert alone.questions
    for entries in alone.members.values():
        assert len({made.meanings[entry.place].name for entry in entries}) == 1


def test_rates_are_the_rates(people: dict[str, int], reference: Reference) -> None:
    figures = pool(DATA / "gaiji" / examples.POOL, reference)
    none = Rates(repeated=0, ordinary=0, in_no_list=0, wrong_evidence=0, counted_differently=0, gap=0)
    clean, _ = merge(registers_of(example(people, figures, reference, 1, none), reference), (), (), reference)
    assert clean.repeated == clean.questions == ()
    often = replace(none, repeated=0.5)
    twice, _ = merge(
        registers_of(example(people, figures, reference, 1, often), reference), (), (), reference
    )
    entries = sum(len(register.entries) for register in twice.registers)
    surplus = sum(len(entries) - 1 for entries in twice.repeated)
    # About a binomial of 1211 draws at 0.5: seven standard deviations are 122.
    assert abs(surplus - entries / 2) < 122


def registers_of(made: Example, reference: Reference) -> list:
    """The registers of an example."""
    prefix = f"gaiji/{REGISTERS}/"
    texts = {name.removeprefix(prefix): text for name, text in made.files.items() if name.startswith(prefix)}
    return [examples.read_back(name.removesuffix(".csv"), text, reference) for name, text in texts.items()]
