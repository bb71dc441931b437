"""What the pair of CS servers has written down of its address."""

from __future__ import annotations

from types import SimpleNamespace

from omi.drill import cs


def test_the_moves_of_both_are_counted_and_a_host_that_does_not_answer_is_passed_over():
    answers = {"dc-cs1": "2\n", "dc-cs2": "1\n", "dc-cs3": TimeoutError()}
    asked = []
    lab = SimpleNamespace(
        topology=SimpleNamespace(cs=SimpleNamespace(hosts=tuple(answers))),
        everywhere=lambda hosts, words: asked.append((hosts, words)) or answers,
    )
    assert cs.moves(lab, 8.2) == 3
    assert asked == [(tuple(answers), cs.MOVES % 9)]
