"""What the desktops' drills decide without a lab: who comes when, what is on a screen, what the figures mean."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from inventory.desktop_plan import Person, people
from inventory.load import load
from inventory.plan import plan
from lab.errors import LabError
from omi import drill_commands
from omi.drill import desktops, viewers
from omi.drill.drills import login_storm

BACKGROUND = bytes.fromhex("7c5a24")
WHITE, BLACK, BLUE = b"\xff\xff\xff\x00", b"\x00\x00\x00\x00", BACKGROUND + b"\x00"


@pytest.fixture(scope="module")
def client():
    """The program that runs on the terminals."""
    spec = importlib.util.spec_from_file_location("desktop_client", viewers.CLIENT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (BLUE * 60 + WHITE * 40, True),
        (BLUE * 100, False),
        (BLACK * 100, False),
        (BLUE * 10 + WHITE * 90, False),
    ],
    ids=["a window", "background only", "nothing", "another screen"],
)
def test_a_desktop_is_its_background_and_a_window(client, line, shown):
    assert client.is_desktop([line] * 4, BACKGROUND) is shown


def test_a_desktop_counts_once_it_lasts_and_from_its_first_moment(client):
    steady, looks = client.Steady(), [0, 1, 0, 0, *[1] * 9, 0, 1, *[0] * 6]
    told = [(steady.look(bool(seen), moment), steady.shown) for moment, seen in enumerate(looks)]
    assert [one for one in told if one[0] is not None] == [(4, True), (15, False)]


def test_a_colour_lies_in_memory_the_other_way_round(client):
    assert client.pixels_of("#245a7c") == BACKGROUND


def test_every_city_comes_once_before_any_comes_twice():
    everybody = people(plan(load()))
    cities = {person.city for person in everybody}
    assert {person.city for person in viewers.taking_turns(everybody, len(cities))} == cities
    with pytest.raises(LabError, match=r"desktops\.people"):
        viewers.taking_turns(everybody, len(everybody) + 1)


def test_people_come_in_a_bell_and_the_same_seed_brings_the_same_morning():
    moments = viewers.bell(4000, 120, 7)
    assert moments == viewers.bell(4000, 120, 7) == sorted(moments)
    assert moments[0] >= 0
    assert moments[-1] <= 120
    middle = sum(40 <= moment <= 80 for moment in moments) / len(moments)
    assert middle == pytest.approx(0.68, abs=0.03)  # within one standard deviation of the mean


def test_figures_are_of_those_who_got_a_desktop():
    before = {"seconds": 10.0, "memory": 0, "desktops": 0, "bytes": 1000}
    after = {"seconds": 14.0, "memory": 400, "desktops": 4, "bytes": 9000}
    seen = login_storm.figures(5, [1.0, 2.0, 3.0, 9.0], before, after)
    assert seen == {
        "sign_ins": 5,
        "sign_ins_failed": 1,
        "sign_in_p50": 2.0,
        "sign_in_p95": 9.0,
        "sign_in_most": 9.0,
        "processor_per_sign_in": 1.0,
        "memory_bytes_per_desktop": 100,
        "wire_bytes_per_sign_in": 2000,
    }
    assert login_storm.figures(5, [], before, after)["sign_in_p95"] is None


STAT = """# pxname,svname,scur,status,weight,
desks,dc-desk1,3,UP,77,
desks,dc-desk2,0,DRAIN (agent),77,
desks,BACKEND,3,UP,154,
"""


def test_the_pool_is_well_where_both_brokers_send_people_to_every_host():
    assert desktops.states(STAT) == {"dc-desk1": "UP", "dc-desk2": "DRAIN"}
    found = {"dc-broker1": STAT, "dc-broker2": LabError("no", "see")}
    assert desktops.pool_problems(found, ["dc-desk1", "dc-desk2", "dc-desk3"]) == [
        "dc-desk2: drain at dc-broker1",
        "dc-desk3: unknown at dc-broker1",
        "dc-broker2: the broker does not answer",
    ]


def test_names_differ_within_the_nine_characters_that_clients_send_and_numbers_are_nobody_elses():
    everybody = people(plan(load()))
    assert len({person.name[:9] for person in everybody}) == len(everybody)
    assert len({person.uid for person in everybody}) == len(everybody)
    assert all(10_000 < person.uid < 65_536 for person in everybody)
    assert Person("c5d1", "konan", 11_001) in everybody
    assert Path(viewers.CLIENT).is_file()


def test_a_commands_help_is_of_its_drill():
    assert "sign-ins" in drill_commands.summary("login-storm")


def at_work():
    """Two people, of whom one is on the first session host."""
    konan, yasu = Person("c5d1", "konan", 11001), Person("c4d1", "yasu", 10801)
    seen = viewers.Viewers.__new__(viewers.Viewers)
    seen.arrivals = {konan: 0.0, yasu: 3.0}
    displays = {"c5d1": "dc-desk1 88", "c4d1": "dc-desk2 88"}
    return viewers.AtWork(seen, displays, {"c5d1": "memo c5d1", "c4d1": "memo c4d1"})


def test_who_is_concerned_by_a_host_is_whose_desktop_is_there():
    assert at_work().everybody() == {"c5d1", "c4d1"}
    assert at_work().at("dc-desk1") == {"c5d1"}


def test_a_memo_that_is_missing_or_another_is_a_profile_lost():
    assert at_work().without_memo({"c5d1": "memo c5d1", "c4d1": "memo c4d1"}) == 0
    assert at_work().without_memo({"c5d1": "older c5d1"}) == 2
