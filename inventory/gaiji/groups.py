"""Which registered characters are the same: what registers say alike, and what persons decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from inventory.gaiji.model import Decision, Entry
from inventory.gaiji.notation import PLACE
from inventory.gaiji.reference import Reference
from inventory.problem import Problem


class Groups:
    """Identities that are the same character. A group is called by its figure, else by its first place."""

    def __init__(self) -> None:
        self._leader: dict[str, str] = {}

    def name(self, identity: str) -> str:
        """The group that an identity is in: itself where nobody joined it to another."""
        while (leader := self._leader.get(identity, identity)) != identity:
            identity = leader
        return identity

    def join(self, one: str, other: str) -> None:
        """Make two groups one. Raises TwoFiguresError where each has a figure of its own."""
        first, second = sorted((self.name(one), self.name(other)), key=lambda name: (is_place(name), name))
        if first != second and not is_place(second):
            raise TwoFiguresError(first, second)
        if first != second:
            self._leader[second] = first


class TwoFiguresError(Exception):
    """Two figures cannot be the same character."""


def is_place(identity: str) -> bool:
    """Whether it is called by where it is registered, for want of a figure."""
    return PLACE.fullmatch(identity) is not None


def group(
    entries: Iterable[Entry], decisions: Iterable[Decision], reference: Reference, complete: bool
) -> tuple[Groups, list[Problem]]:
    """The groups that decisions make of the entries, and the decisions that cannot be."""
    identities = {str(entry.place): entry.identity for entry in entries}
    groups, problems = Groups(), []
    in_order = sorted(decisions, key=lambda decision: (decision.verb == "different", decision.line))
    for decision in in_order:
        missing = unknown(decision, identities, reference)
        if not missing:
            problems += decide(groups, decision, identities)
        elif complete:
            problems += missing
    return groups, problems


def unknown(decision: Decision, identities: Mapping[str, str], reference: Reference) -> list[Problem]:
    """Operands that nobody registered."""
    return [
        Problem(
            decision.file, decision.line, column, f"nobody registered {operand}", "name what a register has"
        )
        for column, operand in ((2, decision.one), (3, decision.other))
        if operand not in identities and operand not in reference.spellings
    ]


def decide(groups: Groups, decision: Decision, identities: Mapping[str, str]) -> list[Problem]:
    """Put one decision into effect, or say why it cannot be."""
    one, other = (identities.get(operand, operand) for operand in (decision.one, decision.other))
    if decision.verb == "different":
        if groups.name(one) != groups.name(other):
            return []
        wrong = f"different, but both are {groups.name(one)}"
        return [Problem(decision.file, decision.line, 1, wrong, "correct a register, or the decision")]
    try:
        groups.join(one, other)
    except TwoFiguresError as error:
        wrong = "same, but they are {} and {}".format(*error.args)
        return [Problem(decision.file, decision.line, 1, wrong, "correct a register, or the decision")]
    return []
