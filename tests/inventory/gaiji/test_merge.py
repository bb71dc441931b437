"""Merging: in any order the same, and whoever joins or corrects a register disturbs nobody."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.gaiji.codec import Converter
from inventory.gaiji.load import default_reference
from inventory.gaiji.merge import Merged, merge
from inventory.gaiji.model import Decision, Entry, Given, Place, Register
from inventory.gaiji.notation import COPIES, UNIFIED
from inventory.gaiji.table import converter, table

REFERENCE = default_reference()
CHARACTERS = ("MJ026190", "MJ060248", "MJ032129", "MJ028902", "MJ014004", "MJ030285", "U+2B8C6", None)
"""With variations, without, in old systems, without any spelling in Unicode, outside MJ, and in no list."""
CITIES = ("konan", "koka", "moriyama", "ritto", "yasu")

one_register = st.dictionaries(
    st.integers(0xE000, 0xE00F),
    st.tuples(st.sampled_from(CHARACTERS), st.integers(9, 12), st.sampled_from(("サワ", "ハラ"))),
    max_size=10,
)


def entry(city: str, code: int, character: str | None, strokes: int = 10, reading: str = "サワ") -> Entry:
    """A line of a register."""
    return Entry(Place(city, code), character, strokes, frozenset((reading,)), f"{city}.csv", code - 0xDFFE)


def register(city: str, lines: dict[int, tuple[str | None, int, str]]) -> Register:
    """A city's register."""
    return Register(city, tuple(entry(city, code, *line) for code, line in sorted(lines.items())))


registers = st.dictionaries(st.sampled_from(CITIES), one_register).map(
    lambda drawn: [register(city, lines) for city, lines in drawn.items()]
)


def merged(
    found: list[Register], ledger: tuple[Given, ...] = (), decided: tuple[Decision, ...] = ()
) -> Merged:
    """The registers, merged."""
    result, problems = merge(found, decided, ledger, REFERENCE)
    assert problems == []
    return result


def answers(result: Merged, same: bool) -> tuple[Decision, ...]:
    """One answer to all questions."""
    return tuple(
        Decision(
            "same" if same or q.kind == "contradiction" else "different",
            str(q.one.place),
            str(q.other.place),
            "",
            0,
        )
        for q in result.questions
    )


@settings(max_examples=60, deadline=None)
@given(registers, st.randoms())
def test_the_order_of_registers_is_of_no_account(found: list[Register], chance) -> None:
    shuffled = chance.sample(found, len(found))
    assert merged(shuffled) == merged(found)


@settings(max_examples=60, deadline=None)
@given(registers, registers)
def test_who_joins_changes_no_spelling_of_those_who_are_in(
    first: list[Register], more: list[Register]
) -> None:
    before = merged(first)
    known = {register.city for register in first}
    after = merged([*first, *(register for register in more if register.city not in known)], before.ledger)
    assert {place: after.spellings[place] for place in before.spellings} == before.spellings
    assert after.ledger[: len(before.ledger)] == before.ledger


@settings(max_examples=60, deadline=None)
@given(registers)
def test_what_is_in_the_ledger_needs_no_new_line(found: list[Register]) -> None:
    once = merged(found)
    again = merged(found, once.ledger)
    assert again.added == 0
    assert (again.spellings, again.ledger) == (once.spellings, once.ledger)


@settings(max_examples=60, deadline=None)
@given(registers, one_register)
def test_a_corrected_register_leaves_others_alone_and_old_text_readable(
    found: list[Register], corrected: dict[int, tuple[str | None, int, str]]
) -> None:
    before = merged(found)
    others = [register for register in found if register.city != "konan"]
    after = merged([*others, register("konan", corrected)], before.ledger)
    for place, text in before.spellings.items():
        if place.city != "konan":
            assert after.spellings[place] == text
        elif place in after.spellings:
            assert converter(table(after), "konan").to_city(text) == chr(place.code)


def test_a_correction_that_is_taken_back_brings_the_old_spelling_back() -> None:
    first, second = (register("konan", {0xE000: (name, 17, "ナベ")}) for name in ("MJ060248", "MJ032129"))
    once = merged([first])
    corrected = merged([second], once.ledger)
    back = merged([first], corrected.ledger)
    assert back.spellings == once.spellings
    assert [line.text for line in back.ledger] == ["邉\U000e0110", "𠮷", "邉\U000e0110"]
    assert table(back)["earlier"] == {"konan": {"𠮷": "\ue000"}}


@settings(max_examples=60, deadline=None)
@given(registers, st.booleans())
def test_an_answer_changes_no_spelling_that_was_given(found: list[Register], same: bool) -> None:
    before = merged(found)
    after = merged(found, before.ledger, answers(before, same))
    assert after.spellings == before.spellings
    assert after.added == 0


@settings(max_examples=60, deadline=None)
@given(registers, st.booleans())
def test_every_question_can_be_answered(found: list[Register], same: bool) -> None:
    decided: tuple[Decision, ...] = ()
    while questions := merged(found, decided=decided).questions:
        decided += answers(merged(found, decided=decided), same and len(decided) < 5)
        assert len(decided) < 1000, questions


@settings(max_examples=60, deadline=None)
@given(registers)
def test_a_city_has_each_spelling_once_and_text_comes_back(found: list[Register]) -> None:
    result = merged(found)
    for each in result.registers:
        spellings = {chr(line.place.code): result.spellings[line.place] for line in each.entries}
        assert len(set(spellings.values())) == len(spellings)
        text = "邉髙".join(spellings)
        both_ways = Converter(spellings)
        assert both_ways.to_city(both_ways.to_unified(text)) == text


def test_the_rules_in_their_order() -> None:
    lines = {
        0xE000: ("MJ060248", 17, "ナベ"),
        0xE001: ("MJ060248", 17, "ナベ"),
        0xE002: ("MJ028902", 11, "タカ"),
        0xE003: ("MJ014004", 11, "ユメ"),
        0xE004: (None, 12, "サワ"),
    }
    result = merged([register("konan", lines), register("yasu", lines)])
    konan = [result.spellings[Place("konan", code)] for code in lines]
    assert konan == ["邉\U000e0110", chr(COPIES[0]), chr(COPIES[1]), chr(UNIFIED[0]), chr(UNIFIED[1])]
    yasu = [result.spellings[Place("yasu", code)] for code in lines]
    assert yasu[:4] == konan[:4]
    assert yasu[4] == chr(UNIFIED[2])
    assert [question.kind for question in result.questions] == ["alike"]
    assert result.collisions == (0xE004,)
    assert [[str(e.place) for e in entries] for entries in result.repeated] == [
        ["konan/E000", "konan/E001"],
        ["yasu/E000", "yasu/E001"],
    ]


def test_characters_that_a_person_called_the_same_get_one_spelling() -> None:
    both = [register("konan", {0xE000: (None, 12, "サワ")}), register("yasu", {0xE00F: (None, 13, "サワ")})]
    decided = (Decision("same", "konan/E000", "yasu/E00F", "decisions.csv", 2),)
    result = merged(both, decided=decided)
    assert set(result.spellings.values()) == {chr(UNIFIED[0])}
    assert result.questions == ()


def test_a_character_that_is_found_in_mj_later_keeps_its_spelling_and_is_compared_by_the_new_one() -> None:
    found = [register("konan", {0xE000: (None, 18, "ナベ")})]
    before = merged(found)
    decided = (Decision("same", "konan/E000", "MJ060248", "decisions.csv", 2),)
    after = merged(found, before.ledger, decided)
    assert after.spellings == before.spellings
    assert after.plain == {chr(UNIFIED[0]): "邉\U000e0110"}
    assert table(after)["figures"] == {chr(UNIFIED[0]): "MJ060248"}


def test_a_new_spelling_is_never_one_that_was_given_before() -> None:
    gone = (Given(Place("otsu", 0xE000), chr(UNIFIED[7]), "otsu/E000"),)
    result = merged([register("konan", {0xE000: (None, 12, "サワ")})], gone)
    assert result.spellings == {Place("konan", 0xE000): chr(UNIFIED[8])}


def test_evidence_of_one_figure_may_differ_a_little_and_no_more() -> None:
    sound = entry("konan", 0xE000, "MJ026190", 18, "ヘン")
    for strokes, reading, is_asked in (
        (19, "ナベ", False),
        (20, "ヘン", False),
        (20, "ナベ", True),
        (21, "ヘン", True),
    ):
        other = replace(sound, place=Place("yasu", 0xE000), strokes=strokes, readings=frozenset((reading,)))
        found = merged([Register("konan", (sound,)), Register("yasu", (other,))]).questions
        assert bool(found) == is_asked, (strokes, reading)
