"""The figures the declaration rests on, held against their publications' own totals."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.load import load
from inventory.model import Cloud
from inventory.quantity import Quantity

CANDIDATES = [path.stem for path in (Path(__file__).parents[2] / "inventory/data/candidates").glob("*.yaml")]
POPULATION = {
    "kusatsu": 143913,
    "moriyama": 83236,
    "ritto": 68820,
    "yasu": 50513,
    "konan": 54460,
    "omihachiman": 81122,
    "maibara": 37225,
    "koka": 88358,
    "otsu": 345070,
    "hikone": 113647,
    "nagahama": 113636,
    "takashima": 46377,
    "higashiomi": 112819,
    "hino": 20964,
    "ryuo": 11789,
    "aisho": 20893,
    "toyosato": 7132,
    "kora": 6362,
    "taga": 7274,
}
PUBLISHED_USERS = {
    "kusatsu": 1700,
    "moriyama": 600,
    "konan": 500,
    "omihachiman": 1000,
    "maibara": 400,
    "koka": 800,
}


@pytest.fixture(scope="module")
def nineteen() -> Cloud:
    """The eight cities and every candidate."""
    return load(Path(__file__).parents[2] / "inventory" / "data", CANDIDATES)


def test_the_population_is_that_of_the_2020_census(nineteen: Cloud) -> None:
    assert {city.name: city.population.value for city in nineteen.cities} == POPULATION
    assert sum(POPULATION.values()) == 1_413_610
    assert {(city.population.source, city.population.note) for city in nineteen.cities} == {
        ("public", "2020 census")
    }


def test_desk_users_are_the_published_ones_or_estimated_per_head(nineteen: Cloud) -> None:
    people = sum(POPULATION[name] for name in PUBLISHED_USERS)
    users = sum(PUBLISHED_USERS.values())
    for city in nineteen.cities:
        published = PUBLISHED_USERS.get(city.name)
        assert city.desk_users.source == ("assumption" if published is None else "public")
        estimate = round(POPULATION[city.name] * users / people)
        assert city.desk_users.value == (estimate if published is None else published)


def test_the_eight_and_how_they_joined(cloud: Cloud) -> None:
    assert {city.name for city in cloud.cities if city.joined == "founder"} == {
        "kusatsu",
        "moriyama",
        "ritto",
        "yasu",
        "konan",
    }
    assert {city.name for city in cloud.cities if city.joined == "later"} == {
        "omihachiman",
        "maibara",
        "koka",
    }
    assert str(cloud.file.council.established) == "2015-10-01"
    assert f"{cloud.file.council.first_live:%B %Y}" == "October 2016"


def test_every_city_has_two_lines_of_one_gigabit(nineteen: Cloud) -> None:
    for city in nineteen.cities:
        assert [(line.rate.bps, line.rate.source) for line in city.lines] == [(10**9, "council")] * 2


@pytest.mark.parametrize(
    ("name", "functions", "requirements", "met", "fit"),
    [
        ("resident_records", 6, 548, 546, 100),
        ("tax", 12, 2356, 2291, 97),
        ("social_security", 15, 1878, 1848, 98),
        ("other", 16, 1940, 1921, 99),
    ],
)
def test_the_standard_system_by_group(
    cloud: Cloud, name: str, functions: int, requirements: int, met: int, fit: int
) -> None:
    (group,) = (one for one in cloud.file.standard_system.groups if one.group == name)
    assert (group.functions, group.requirements, group.met) == (functions, requirements, met)
    assert round(100 * group.met / group.requirements) == fit


def test_the_standard_system_in_all(cloud: Cloud) -> None:
    groups = cloud.file.standard_system.groups
    requirements, met = sum(one.requirements for one in groups), sum(one.met for one in groups)
    assert sum(one.functions for one in groups) == 49
    assert (requirements, met, requirements - met) == (6722, 6606, 116)
    assert round(100 * met / requirements) == 98


def test_published_workload_figures(cloud: Cloud) -> None:
    display, sign_in, counters = (
        cloud.file.workload.display,
        cloud.file.workload.sign_in,
        cloud.file.workload.counters,
    )
    ranges = {
        "word": (15, 20),
        "excel": (20, 30),
        "powerpoint": (200, 400),
        "web": (300, 700),
        "video": (600, 1000),
        "pcoip_office": (100, 150),
        "pcoip_rich": (400, 600),
    }
    for name, expected in ranges.items():
        declared = getattr(display, name)
        assert (declared.low.bps, declared.high.bps) == tuple(1000 * kbps for kbps in expected)
    assert display.idle.bps == 40
    assert (sign_in.storage_steady.value, sign_in.storage_at_sign_in.value) == (10, 50)
    assert (sign_in.launch_spread.base, sign_in.published_users.value) == (2880, 2000)
    assert (counters.quiet_day.value, counters.peak_day.value) == (50, 250)
    assert counters.core_terminals_low.value == round(100 * 50 / 330)
    assert counters.core_terminals_high.value == round(100 * 76 / 266)


def test_standards_characters_and_lessons(cloud: Cloud) -> None:
    standards, characters, (lesson,) = cloud.file.standards, cloud.file.characters, cloud.file.lessons
    assert (standards.availability.value, standards.rto.base) == (99.5, 12 * 3600)
    assert (standards.rpo.base, standards.remote_copies.value) == (86400, 1)
    assert standards.resident_data_within.base == 72 * 3600
    assert (characters.mj.value, characters.mj_plus.value, characters.one_font.value) == (58862, 69800, 65535)
    assert (lesson.bodies.value, lesson.machines.value, lesson.without_backup.value) == (53, 1318, 15)


def test_defaults_of_the_software(cloud: Cloud) -> None:
    defaults = cloud.file.defaults
    assert (defaults.bfd_interval.base, defaults.bfd_multiplier) == (0.3, 3)
    assert (defaults.patroni_ttl.base, defaults.patroni_loop.base) == (30, 10)


def test_contracts_follow_the_councils_rules(cloud: Cloud) -> None:
    council = cloud.file.council
    assert (council.contract_longest.value, council.contract_longest.unit) == (10, "year")
    assert (council.contract_shortest_for_newcomer.value, council.contract_shortest_for_newcomer.unit) == (
        5,
        "year",
    )
    assert {lead.city: lead.subject for lead in council.leads} == {
        "Kusatsu": "secretariat and other outsourcing",
        "Ritto": "resident records",
        "Yasu": "tax",
        "Konan": "welfare",
        "Moriyama": "joint outsourcing",
    }


def test_every_quantity_says_where_it_comes_from(nineteen: Cloud) -> None:
    found = list(quantities(nineteen))
    assert len(found) > 200
    assert all(quantity.note for quantity in found)
    assert {quantity.source for quantity in found} <= {"council", "public", "measured", "assumption"}


def quantities(value: object) -> list[Quantity]:
    """Every quantity in a model, however deep."""
    if isinstance(value, Quantity):
        return [value]
    if isinstance(value, tuple):
        return [one for item in value for one in quantities(item)]
    fields = getattr(type(value), "model_fields", {})
    return [one for name in fields for one in quantities(getattr(value, name))]
