"""Growth: break points that can be worked out by hand, upgrades, and counts that do not depend on addresses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from capacity import tables
from capacity.buying import grow
from capacity.commands import availability, failures, growth
from capacity.failures import NOTHING
from capacity.figures import Figures
from capacity.growth import Grower
from capacity.layout import Layout, grown, in_order
from capacity.limits import LIMITS, Limit, alone, sized
from capacity.parameters import Parameters
from capacity.population import people
from capacity.run import Case, Job, simulate
from capacity.verdict import model
from inventory.model import Cloud
from inventory.service_levels import Upgrades


class Inline:
    """Runs jobs where it stands, and remembers at which counts."""

    def __init__(self) -> None:
        self.counts: list[int] = []

    def run(self, jobs: Sequence[Job]) -> list[Figures]:
        self.counts.append(len(jobs[0].layout.cities))
        return [simulate(job) for job in jobs]


def limit(name: str) -> Limit:
    return next(one for one in LIMITS if one.name == name)


def grower(cloud: Cloud, layout: Layout, parameters: Parameters) -> Grower:
    return Grower(layout, parameters, model(cloud).levels, Inline())


def test_places_break_at_the_first_count_that_brings_more_people_than_there_are(
    cloud: Cloud, eight: Layout, declared: Parameters
) -> None:
    small = replace(declared, dc_places=2500.0)
    found = grower(cloud, eight, small).break_point(limit("session places, data center"), 1)

    def fullest(count: int) -> float:
        coming = [len(people(eight.first(count), small, seed, 1.0, 1800.0).city) for seed in (1, 2, 3)]
        return max(coming)

    assert found == min(count for count in range(1, 9) if fullest(count) > 2500)


def test_bisection_looks_at_few_counts(cloud: Cloud, eight: Layout, declared: Parameters) -> None:
    one = grower(cloud, grown(eight, 64, 1), replace(declared, print_bps=2e6))
    found = one.break_point(limit("way to the printing firm"), 8)
    assert found is not None
    assert isinstance(one.runner, Inline)
    assert len(one.runner.counts) <= 7
    assert not one.broken(
        [limit("way to the printing firm")],
        alone(one.parameters, limit("way to the printing firm")),
        found - 1,
    )


def test_what_is_roomy_breaks_nowhere(cloud: Cloud, eight: Layout, declared: Parameters) -> None:
    one = grower(cloud, eight, declared)
    assert one.break_point(limit("way to the printing firm"), 4) is None
    assert one.result(limit("way to the printing firm"), [1e9], 4).broken is None


def test_the_smallest_size_that_mends_is_named_and_the_next_smaller_one_does_not(
    cloud: Cloud, eight: Layout, declared: Parameters
) -> None:
    one = grower(cloud, eight, replace(declared, print_bps=1e5))
    printing = limit("way to the printing firm")
    found = one.result(printing, [2e5, 4e5, 1e9, 1e10], 8)
    assert found.breaks_at == 1
    assert found.enough_for_all == 1e9
    assert found.broken is not None
    assert found.broken.level == "backup_done_within"
    assert one.broken([printing], sized(alone(one.parameters, printing), printing, 4e5), 8)
    assert not one.broken([printing], sized(alone(one.parameters, printing), printing, 1e9), 8)


def test_nothing_in_the_catalogue_is_said_to_be_enough_when_nothing_is(
    cloud: Cloud, eight: Layout, declared: Parameters
) -> None:
    found = grower(cloud, eight, replace(declared, print_bps=1e3)).result(
        limit("way to the printing firm"), [2e3], 8
    )
    assert (found.mended_by, found.enough_for_all) == (None, None)


def test_one_limit_is_looked_at_with_all_others_out_of_the_way(declared: Parameters) -> None:
    for one in LIMITS:
        only = alone(declared, one)
        assert all(getattr(only, name) == getattr(declared, name) for name in one.parameters)
        for other in LIMITS:
            for name in set(other.parameters) - set(one.parameters):
                assert getattr(only, name) > getattr(declared, name)


def test_two_small_cities_grow_to_the_end_and_what_is_enough_holds(
    cloud: Cloud, eight: Layout, declared: Parameters
) -> None:
    two = replace(eight, cities=eight.cities[6:7] + eight.cities[3:4])
    tight = replace(declared, dc_places=500.0, widths_s=(600.0,))
    result = grow(grower(cloud, two, tight), cloud.file.upgrades, 1)
    broken = {one.limit: (one.breaks_at, one.enough_for_all) for one in result.limits if one.breaks_at}
    assert broken == {"session places, data center": (2, 3600.0)}
    assert result.still_broken == ()


def sold(cloud: Cloud, **catalogue: float) -> Upgrades:
    """The declared catalogue with one size, in base units, in place of some of its steps."""
    changed = {}
    for name, size in catalogue.items():
        (step, *_) = getattr(cloud.file.upgrades, name)
        changed[name] = (step.model_copy(update={"value": size / step.base * step.value}),)
    return cloud.file.upgrades.model_copy(update=changed)


def test_growth_ends_with_what_is_broken_when_nothing_larger_is_sold(
    cloud: Cloud, eight: Layout, declared: Parameters, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two cities of 1,200 people: of the printing firm's way and of the places, less is sold than they need."""
    two = replace(eight, cities=eight.cities[6:7] + eight.cities[3:4])
    tight = replace(declared, dc_places=500.0, print_bps=1e4, widths_s=(600.0,))
    result = grow(grower(cloud, two, tight), sold(cloud, places=600.0, print_rate=2e4), 1)
    short = {one.limit: (one.breaks_at, one.mended_by, one.largest) for one in result.limits if one.is_short}
    assert short == {
        "session places, data center": (2, None, 600.0),
        "way to the printing firm": (1, None, 2e4),
    }
    assert result.bought == (), "what is beyond help is not bought for"
    assert {one.level for one in result.still_broken} == {"sign_in_refused", "backup_done_within"}

    tables.growth(result)
    told = capsys.readouterr().out
    assert "more than 600" in told
    assert "still broken: sign in refused" in told
    assert "nothing larger to buy: session places, data center 600; way to the printing firm 20 kbps" in told
    assert (
        told.splitlines()[-1] == "2 cities, with the largest there is where nothing is enough: does not hold"
    )


def test_what_is_enough_alone_and_not_together_is_found_step_by_step(
    cloud: Cloud, eight: Layout, declared: Parameters
) -> None:
    """Storage operations and the storage network, each just enough by itself: the waits add up to too much."""
    one = replace(eight, cities=eight.cities[6:7])
    tight = replace(declared, dc_iops=4300.0, dc_storage_bps=1e9, widths_s=(300.0,))

    def sign_in_s(parameters: Parameters) -> float:
        jobs = [Job(one, parameters, Case(NOTHING, 300.0), seed, ("morning",)) for seed in (1, 2, 3)]
        return sum(simulate(job).sign_in_p95 for job in jobs) / 3

    names = ("storage operations, data center", "storage network, data center")
    each = max(sign_in_s(alone(tight, limit(name))) for name in names)
    together = sign_in_s(tight)
    assert together > each
    levels = grower(cloud, one, declared).levels
    promised = levels.normal.sign_in_p95.model_copy(update={"value": (each + together) / 2})
    normal = levels.normal.model_copy(update={"sign_in_p95": promised})
    kept = Grower(one, tight, levels.model_copy(update={"normal": normal}), Inline())
    result = grow(kept, cloud.file.upgrades, 1)
    assert not [found.limit for found in result.limits if found.limit in names and found.breaks_at]
    assert [name in names for name, _ in result.bought] == [True]
    assert result.still_broken == ()


@pytest.mark.parametrize("enough", range(5))
def test_the_smallest_size_is_found_wherever_it_stands_in_the_catalogue(
    cloud: Cloud, eight: Layout, declared: Parameters, enough: int
) -> None:
    steps = [1e5, 2e5, 3e5, 4e5]
    one = grower(cloud, eight, declared)

    def broken(_limits: object, parameters: Parameters, _count: int) -> list[object]:
        return [] if steps.index(parameters.print_bps) >= enough else [1]

    one.broken = broken  # type: ignore[method-assign, assignment]
    found = one.smallest(limit("way to the printing firm"), steps, 8)
    assert found == (steps[enough] if enough < len(steps) else None)


def test_cities_join_in_the_order_asked_for(eight: Layout) -> None:
    joined = in_order(eight, ["yasu", "kusatsu"])
    assert [city.name for city in joined.cities][-2:] == ["yasu", "kusatsu"]
    assert len(joined.cities) == 8


def test_the_double_failures_of_the_eight_are_listed_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failures(json=True, checkout=tmp_path) in (0, 1)
    told = json.loads(capsys.readouterr().out)
    assert told["screened"] == 435
    assert told["run"][0]["cut_off"] == 8


def test_every_city_keeps_the_municipal_standard_or_the_answer_is_no(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = availability(json=True)
    rows = json.loads(capsys.readouterr().out)
    assert status == (0 if all(row["least"] >= 0.995 for row in rows) else 1)
    assert {row["city"] for row in rows} >= {"kusatsu", "koka"}


def test_growth_refuses_an_order_with_a_city_that_does_not_exist(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert growth(order=["nowhere"], checkout=tmp_path) == 2
    assert "nowhere" in capsys.readouterr().err
