"""What breaks and what is left."""

from __future__ import annotations

import pytest

from capacity.failures import NOTHING, Failure, Part, left, outage_s, parts, single_failures
from capacity.layout import Layout
from capacity.parameters import Parameters


def after(layout: Layout, *broken: Part) -> tuple[int, int, bool, tuple[int, ...], str]:
    now = left(layout, frozenset(broken))
    return len(now.lines), len(now.legs), now.data_center, now.cut_off, now.regime


def test_what_is_left_after_each_kind_of_failure(eight: Layout) -> None:
    assert after(eight) == (16, 2, True, (), "normal")
    assert after(eight, Part("line", "c1-line1")) == (15, 2, True, (), "normal")
    assert after(eight, Part("city_router", "ritto")) == (14, 2, True, (2,), "degraded")
    assert after(eight, Part("edge", "dc-edge1")) == (8, 1, True, (), "normal")
    assert after(eight, Part("edge", "bc-edge1")) == (16, 0, True, (), "degraded")
    assert after(eight, Part("leg", "repl1")) == (16, 1, True, (), "normal")
    assert after(eight, Part("data_center", "dc")) == (0, 0, False, (), "degraded")


def test_two_failures_that_meet_cut_a_city_off(eight: Layout) -> None:
    assert after(eight, Part("line", "c1-line1"), Part("edge", "dc-edge2"))[3] == (0,)
    assert after(eight, Part("edge", "dc-edge1"), Part("edge", "dc-edge2"))[3] == tuple(range(8))
    assert after(eight, Part("data_center", "dc"), Part("edge", "bc-edge1"))[3] == tuple(range(8))
    assert after(eight, Part("data_center", "dc"), Part("city_router", "koka"))[3] == (7,)


def test_every_part_breaks_alone_once_and_every_city_loses_both_lines_once(eight: Layout) -> None:
    failures = list(single_failures(eight))
    assert len({failure.name for failure in failures}) == len(failures) == 1 + len(parts(eight)) + 8 + 1
    assert sum(len(failure.parts) == 2 for failure in failures) == 9


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ((), 0.0),
        ((Part("line", "c1-line1"),), 0.4),
        ((Part("edge", "dc-edge1"),), 0.4),
        ((Part("leg", "repl1"),), 0.0),
        ((Part("city_router", "yasu"),), 4 * 3600.0),
        ((Part("line", "c1-line1"), Part("line", "c1-line2")), 6 * 3600.0),
        ((Part("line", "c1-line1"), Part("edge", "dc-edge2")), 4 * 3600.0),
        ((Part("data_center", "dc"),), 2 * 3600.0),
        ((Part("data_center", "dc"), Part("edge", "bc-edge1")), 4 * 3600.0),
    ],
)
def test_the_outage_ends_with_detection_repair_or_takeover(
    eight: Layout, declared: Parameters, broken: tuple[Part, ...], expected: float
) -> None:
    assert outage_s(eight, declared, Failure("this", broken)) == pytest.approx(expected)


def test_nothing_is_a_failure_too(eight: Layout) -> None:
    assert next(iter(single_failures(eight))) == NOTHING
