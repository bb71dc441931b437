"""Who may serve: every case is a row. Refusals are part of the product, so their words are held here too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.ansible.conftest import module_at

ROLES = Path(__file__).parents[2] / "ansible"
TAKEOVER: Any = module_at(ROLES / "filter_plugins" / "takeover.py", "takeover_filters")

PRIMARY = {
    "role": "primary",
    "patroni": True,
    "follows": False,
    "streaming": False,
    "clean": False,
    "position": 900,
    "timeline": 1,
    "history": [],
}
STANDBY = {**PRIMARY, "role": "standby", "streaming": True, "position": 900}
FOLLOWER = {**STANDBY, "follows": True}
STOPPED = {**PRIMARY, "role": "stopped", "patroni": False, "clean": True}
GONE: dict[str, Any] = {}

DC = {"dc-db1": PRIMARY, "dc-db2": STANDBY}
BC = {"bc-db1": FOLLOWER}

CASES = {
    "both centers well": (DC, BC, {}, "", ["dc-db2", "dc-db1"], True),
    "data center gone, and nobody has said so": (
        {"dc-db1": GONE, "dc-db2": GONE},
        {"bc-db1": {**FOLLOWER, "streaming": False}},
        {},
        "might go on serving",
        [],
        True,
    ),
    "data center gone, as a person says": (
        {"dc-db1": GONE, "dc-db2": GONE},
        {"bc-db1": {**FOLLOWER, "streaming": False}},
        {"lost": True},
        "",
        [],
        True,
    ),
    "said to be gone, but its log still comes": (
        {"dc-db1": GONE, "dc-db2": GONE},
        BC,
        {"lost": True},
        "its primary is alive",
        [],
        True,
    ),
    "one node gone, and nobody has said so": (
        {"dc-db1": PRIMARY, "dc-db2": GONE},
        BC,
        {},
        "dc-db2 cannot be reached",
        ["dc-db1"],
        True,
    ),
    "nowhere to go": (
        DC,
        {"bc-db1": GONE},
        {},
        "that is to take over cannot be reached",
        ["dc-db2", "dc-db1"],
        True,
    ),
    "nothing to serve from": (
        DC,
        {"bc-db1": {**STOPPED, "role": "none"}},
        {"accept_loss": True},
        "no running standby",
        ["dc-db2", "dc-db1"],
        True,
    ),
    "the link is down": (
        DC,
        {"bc-db1": {**FOLLOWER, "streaming": False}},
        {},
        "receives nothing",
        ["dc-db2", "dc-db1"],
        True,
    ),
    "the link is down, and the loss is accepted": (
        DC,
        {"bc-db1": {**FOLLOWER, "streaming": False}},
        {"accept_loss": True},
        "",
        ["dc-db2", "dc-db1"],
        True,
    ),
    "no consensus over there": (
        DC,
        {"bc-db1": {**FOLLOWER, "follows": None}},
        {},
        "consensus store",
        ["dc-db2", "dc-db1"],
        True,
    ),
    "cut short after the stop": (
        {"dc-db1": STOPPED, "dc-db2": STOPPED},
        {"bc-db1": {**FOLLOWER, "streaming": False}},
        {},
        "",
        [],
        True,
    ),
    "cut short after the promotion": ({"dc-db1": STOPPED}, {"bc-db1": PRIMARY}, {}, "", [], False),
    "done already": ({"dc-db1": FOLLOWER, "dc-db2": STANDBY}, {"bc-db1": PRIMARY}, {}, "", [], False),
    "came back as a second writer": (
        DC,
        {"bc-db1": PRIMARY},
        {"decided": True},
        "",
        ["dc-db2", "dc-db1"],
        False,
    ),
    "two writers, and nobody knows whose turn it is": (
        {"bc-db1": PRIMARY},
        DC,
        {},
        "both centers have a primary",
        ["bc-db1"],
        False,
    ),
    "only to follow, but the other one does not serve": (DC, BC, {"only_follow": True}, "", [], False),
}


@pytest.mark.parametrize("case", CASES)
def test_the_service_moves_only_where_it_may(case: str) -> None:
    giving, taking, said, refusal, stop, promote = CASES[case]
    verdict = TAKEOVER.move(giving, taking, said)
    assert [verdict.stop, verdict.promote] == [stop, promote]
    assert (refusal in "; ".join(verdict.refusals)) if refusal else verdict.refusals == []


def test_the_primary_stops_last() -> None:
    assert TAKEOVER.move({"dc-db1": STANDBY, "dc-db2": PRIMARY}, BC, {}).stop == ["dc-db1", "dc-db2"]


def test_a_center_that_cannot_be_reached_does_not_follow() -> None:
    assert not TAKEOVER.move({"dc-db1": GONE}, BC | {"bc-db1": PRIMARY}, {"lost": True}).follow


@pytest.mark.parametrize(
    ("one", "other", "stretches"),
    [
        pytest.param(STOPPED, FOLLOWER, [], id="the other has all"),
        pytest.param(STOPPED, {**FOLLOWER, "position": 700}, [(1, 700)], id="the other is behind"),
        pytest.param(
            {**STOPPED, "position": 700},
            {**PRIMARY, "timeline": 2, "history": [[1, 700]]},
            [],
            id="left in order",
        ),
        pytest.param(
            STOPPED,
            {**PRIMARY, "timeline": 2, "history": [[1, 700]]},
            [(1, 700)],
            id="went on after it was left",
        ),
        pytest.param(
            {**STOPPED, "clean": False, "position": 300},
            FOLLOWER,
            [(1, 900)],
            id="crashed: the log says where it ends",
        ),
        pytest.param(
            {**STOPPED, "timeline": 2, "history": [[1, 800]]},
            {**PRIMARY, "timeline": 2, "history": [[1, 700]]},
            [(1, 700), (2, 800)],
            id="both took over, each for itself",
        ),
        pytest.param(
            {**STOPPED, "timeline": 3, "history": [[1, 300], [2, 500]]},
            {**FOLLOWER, "timeline": 2, "history": [[1, 300]], "position": 500},
            [(3, 500)],
            id="the other has not heard of the last takeover",
        ),
    ],
)
def test_what_one_center_has_alone(one: Any, other: Any, stretches: list[tuple[int, int]]) -> None:
    found = [(row["timeline"], row["start"]) for row in TAKEOVER.parting(one, other)]
    assert found == stretches


def test_the_member_that_has_most_speaks_for_its_center() -> None:
    states = {"a": {**STOPPED, "position": 5}, "b": {**STOPPED, "position": 9}, "c": GONE}
    assert TAKEOVER.furthest(states)["position"] == 9
    assert TAKEOVER.furthest({**states, "a": {**STOPPED, "timeline": 2, "position": 1}})["timeline"] == 2


@pytest.mark.parametrize(
    ("commits", "accepted", "refused"),
    [
        (0, False, ""),
        (3, False, "3 commits"),
        (3, True, ""),
        (None, False, "unknown number"),
        (None, True, ""),
    ],
)
def test_commits_are_lost_only_if_a_person_says_so(commits: int | None, accepted: bool, refused: str) -> None:
    found = "; ".join(TAKEOVER.loss(commits, accepted))
    assert (refused in found) if refused else not found
