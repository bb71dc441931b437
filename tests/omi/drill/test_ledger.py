"""The ledger's judgements: lost, doubled, silent, served again."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omi.drill.ledger import (
    Entry,
    Window,
    acknowledgements,
    differing,
    longest_silence,
    lost_span,
    read,
    served_again,
    settle,
    silences,
)


def acked(*times: float) -> list[Entry]:
    """A row sent and acknowledged at each of the times."""
    return [Entry(event, number, 1, at) for number, at in enumerate(times, 1) for event in ("sent", "acked")]


SENT = [Entry("sent", 1, 1, 0.0), Entry("acked", 1, 1, 0.1), Entry("sent", 2, 1, 0.2)]
UNKNOWN = [*SENT, Entry("unknown", 2, 1, 3.2, "deadline")]
AGAIN = [*UNKNOWN, Entry("sent", 2, 2, 3.3), Entry("acked", 2, 2, 3.4)]


@pytest.mark.parametrize(
    ("entries", "rows", "lost", "doubled", "invented", "unknown", "arrived"),
    [
        (SENT, [(1, 1)], (), 0, 0, 1, 0),
        (SENT, [], (1,), 0, 0, 1, 0),
        (UNKNOWN, [(1, 1)], (), 0, 0, 1, 0),
        (UNKNOWN, [(1, 1), (2, 1)], (), 0, 0, 1, 1),
        (AGAIN, [(1, 1), (2, 1)], (), 0, 0, 0, 0),  # the first attempt had arrived, the second wrote nothing
        (AGAIN, [(1, 1), (2, 1), (2, 2)], (), 1, 0, 0, 0),
        (AGAIN, [(1, 1), (1, 1), (2, 2)], (), 1, 0, 0, 0),
        (AGAIN, [(2, 2)], (1,), 0, 0, 0, 0),
        (AGAIN, [(1, 1), (2, 2), (7, 1)], (), 0, 1, 0, 0),
        ([], [], (), 0, 0, 0, 0),
    ],
)
def test_what_became_of_the_rows(entries, rows, lost, doubled, invented, unknown, arrived):
    outcome = settle(entries, rows)
    assert outcome.lost == lost
    assert (outcome.doubled, outcome.invented) == (doubled, invented)
    assert (outcome.unknown, outcome.arrived) == (unknown, arrived)


numbers = st.sets(st.integers(1, 60), max_size=30)


@settings(deadline=None)  # the machine may be busy
@given(sent=numbers, data=st.data())
def test_lost_and_doubled_are_counted_whatever_is_taken_and_added(sent, data):
    acknowledged = data.draw(st.sets(st.sampled_from(sorted(sent)))) if sent else set()
    taken = data.draw(st.sets(st.sampled_from(sorted(sent)))) if sent else set()
    again = data.draw(st.lists(st.sampled_from(sorted(sent - taken)))) if sent - taken else []
    entries = [Entry("sent", n, 1, float(n)) for n in sorted(sent)]
    entries += [Entry("acked", n, 1, n + 0.5) for n in sorted(acknowledged)]
    outcome = settle(entries, [(n, 1) for n in [*(sent - taken), *again]])
    assert set(outcome.lost) == acknowledged & taken
    assert outcome.doubled == len(again)
    assert outcome.invented == 0
    assert outcome.arrived == len(sent - acknowledged - taken)
    assert outcome.acknowledged + outcome.unknown == len(sent)


TEN = acked(*(n / 10 for n in range(100)))


@pytest.mark.parametrize(
    ("entries", "window", "until", "silence", "served"),
    [
        (TEN, Window(3, 5), 9.9, 0.1, 0.0),
        (acked(1, 2, 6.5, 7), Window(3, 7), 7.1, 4.5, 3.5),
        (acked(1, 2, 6.5, 7), Window(6.6, 7), 7.1, 0.5, 0.0),  # the long one ended before the window
        (acked(1, 2, 6.5, 7), Window(1.5, 6.9), 7.1, 4.5, 5.0),
        (acked(1, 2, 6.5, 7, 9, 9.1), Window(3, 9.5), 9.5, 4.5, 6.0),  # it fell silent a second time
        (acked(1, 2), Window(3, 7), 10, 8.0, None),
        ([], Window(3, 7), 10, 7.0, None),
        (acked(1, 2, 6.5, 7, 9, 9.1), Window(3, 9.5, 6.9), 9.5, 4.5, 3.5),  # the second time at the repair
        (acked(1, 2, 6.5), Window(3, 7, 5), 6.6, 4.5, 3.5),  # it is the repair that ends it
        (acked(1, 2, 5.9), Window(3, 7, 5), 10, 4.1, None),  # silent for ever, though only since the repair
        (acked(8, 8.1, 8.2), Window(3, 7), 8.3, 0.0, 0.0),
    ],
)
def test_silence_and_when_the_city_was_served_again(entries, window, until, silence, served):
    assert longest_silence(entries, window, until) == pytest.approx(silence)
    assert served_again(entries, window, until) == (None if served is None else pytest.approx(served))


def test_from_a_decision_only_what_comes_after_it_counts():
    entries = acked(1, 2, 60, 60.1)
    assert served_again(entries, Window(3, 60), 60.2) == pytest.approx(57)
    assert served_again(entries, Window(3, 60), 60.2, moment=50) == pytest.approx(10)
    assert served_again(entries, Window(3, 60), 60.2, moment=61) == 0


moments = st.lists(st.floats(0, 100, allow_nan=False), max_size=40).map(sorted)


@settings(deadline=None)  # the machine may be busy
@given(times=moments, start=st.floats(0, 100), length=st.floats(0, 50))
def test_silences_touch_the_window_lie_apart_and_hold_no_acknowledgement(times, start, length):
    window = Window(start, start + length)
    found = silences(acked(*times), window, until=100)
    for before, after in found:
        assert before <= after
        assert after >= window.start
        assert before <= window.end
        assert not [at for at in times if before < at < after]
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(found))


@settings(deadline=None)  # the machine may be busy
@given(times=moments.filter(len), gap=st.floats(2, 50))
def test_a_gap_that_is_put_in_is_found(times, gap):
    middle = times[len(times) // 2]
    moved = [at if at <= middle else at + gap for at in times] + [101 + gap]
    window = Window(middle, middle + gap)
    assert longest_silence(acked(*moved), window, until=101 + gap) >= gap


def test_how_far_back_lost_rows_reach():
    entries = acked(1, 2, 3, 4)
    assert lost_span(entries, [], 4.5) == 0
    assert lost_span(entries, [3, 4], 4.5) == 1.5
    assert lost_span(entries, [4], 3.5) == 0  # acknowledged after the fault


def test_a_file_that_a_kill_cut_short_is_read_up_to_there():
    line = json.dumps({"event": "acked", "number": 3, "attempt": 2, "at": 1.5, "wall": 2.5, "why": ""})
    assert read(f"{line}\n{line[:40]}") == [Entry("acked", 3, 2, 1.5, "", 2.5)]
    assert acknowledgements(read(line)) == {3: 1.5}
    assert read("") == []


def dated(*walls):
    """Rows sent at each of the times (Unix) and acknowledged half a second later."""
    return [
        Entry(event, n, 1, 0.0, "", wall + later)
        for n, wall in enumerate(walls, 1)
        for event, later in (("sent", 0.0), ("acked", 0.5))
    ]


@pytest.mark.parametrize(
    ("rows", "moment", "count"),
    [
        ([1, 2], 12.5, 0),  # 2 was acknowledged just then, 3 was sent later
        ([1, 2], 12.2, 0),  # 2 was on its way: it may be there
        ([1], 12.2, 0),  # or not
        ([1], 12.5, 1),  # 2 is missing
        ([1, 2, 3], 12.9, 1),  # 3 is of a later time
        ([1, 1, 2], 12.9, 1),  # 1 is there twice
        ([], 12.9, 2),
        ([], 9.0, 0),
    ],
)
def test_a_copy_as_of_a_moment_holds_just_what_was_acknowledged_by_then(rows, moment, count):
    entries = dated(11.0, 12.0, 13.0)
    assert differing(entries, [(n, 1) for n in rows], moment) == count
