"""What persons decided: rows of ``decisions.csv`` to decisions, with every mistake."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from inventory.gaiji.model import Decision, Verb
from inventory.gaiji.notation import MJ, PLACE
from inventory.gaiji.rows import Row
from inventory.problem import Problem

COLUMNS = ("answer", "one", "other", "reason")


def decisions(rows: Iterable[Row]) -> tuple[tuple[Decision, ...], list[Problem]]:
    """The decisions in ``rows`` and all that is wrong with them. A faulty row is left out."""
    found, problems = [], []
    for row in rows:
        wrong = mistakes(row)
        problems += wrong
        if not wrong:
            verb = cast(Verb, row.fields["answer"])
            found.append(Decision(verb, row.fields["one"], row.fields["other"], row.file, row.line))
    return tuple(found), problems


def mistakes(row: Row) -> list[Problem]:
    """What is wrong with one decision's form."""
    found = []
    if row.fields["answer"] not in ("same", "different"):
        found.append(
            row.problem("answer", f"{row.fields['answer']!r} is not allowed", "write same or different")
        )
    for column in ("one", "other"):
        text = row.fields[column]
        if not (PLACE.fullmatch(text) or MJ.fullmatch(text)):
            found.append(row.problem(column, f"{text!r} is not allowed", "write konan/E000 or MJ026190"))
    if row.fields["one"] == row.fields["other"]:
        found.append(row.problem("other", "the same as one", "name two"))
    if not row.fields["reason"]:
        found.append(row.problem("reason", "missing", "say what was looked at"))
    return found
