"""The night's curves: the same bytes, the same end and the same legs as the simulated night."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from capacity.failures import NOTHING, Failure, Part, left
from capacity.layout import Layout
from capacity.night import done_within
from capacity.night_load import STEP_S, bulk_bits, carried, night_load, night_times
from capacity.parameters import Parameters

NIGHT_S = 36_000.0


def lost(layout: Layout, count: int) -> Failure:
    return Failure("legs", tuple(Part("leg", leg.name) for leg in layout.legs[:count]))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_curve_ends_when_the_simulated_backup_does(
    eight: Layout, declared: Parameters, count: int
) -> None:
    """A night without chance, whose print data are out of the way.

    Where a log that has waited catches up, the curve has backup stand back for it, and the simulation does not.
    """
    even = replace(declared, night_varies=0.0, printing_bytes=1.0)
    failure = lost(eight, count)
    simulated = done_within(eight, even, failure, left(eight, frozenset(failure.parts)), 1)
    times = night_times(NIGHT_S)
    _, bulk = carried(eight, even, failure, times)
    waited = 8 * even.batch_bytes * sum(city.population for city in eight.cities) if count == 2 else 0.0
    end = times[bulk.sum(axis=1) > 0][-1]
    assert simulated - 2 * STEP_S <= end <= simulated + waited / even.replication_bps + 2 * STEP_S
    assert simulated > 3600
    assert bulk.sum() * STEP_S == pytest.approx(bulk_bits(eight, even))


def test_no_leg_ever_carries_more_than_it_can_and_the_log_keeps_to_its_class(
    eight: Layout, declared: Parameters
) -> None:
    for count in (0, 1, 2):
        for log, both in night_load(eight, declared, lost(eight, count), NIGHT_S):
            assert both.share.max() <= 1 + 1e-9
            assert log.share.max() <= declared.database_share + 1e-9
            assert (both.share >= log.share).all()


def test_the_second_leg_serves_until_the_first_is_repaired(eight: Layout, declared: Parameters) -> None:
    first, second = (both.share for _, both in night_load(eight, declared, NOTHING, NIGHT_S))
    assert first.max() > 0
    assert second.max() == 0
    short = replace(declared, leg_repair_s=3600.0)
    first, second = (both.share for _, both in night_load(eight, short, lost(eight, 1), NIGHT_S))
    repaired = night_times(NIGHT_S) >= 3600.0
    assert first[~repaired].max() == 0
    assert second[~repaired].min() > 0
    assert second[repaired].max() == 0


def test_a_log_that_waited_for_a_leg_catches_up(eight: Layout, declared: Parameters) -> None:
    short = replace(declared, leg_repair_s=3600.0)
    written = 8 * declared.batch_bytes * sum(city.population for city in eight.cities)
    log, _ = carried(eight, short, lost(eight, 2), night_times(NIGHT_S))
    assert log[:60].sum() == 0
    assert np.sum(log) * STEP_S == pytest.approx(written)
