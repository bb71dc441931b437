"""The databases' modules, as far as they decide anything."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.ansible.conftest import module_at

LIBRARY = Path(__file__).parents[2] / "ansible" / "library"
CITY: Any = module_at(LIBRARY / "city_databases.py", "city_databases")
SETTINGS: Any = module_at(LIBRARY / "patroni_settings.py", "patroni_settings")
STATE: Any = module_at(LIBRARY / "database_state.py", "database_state")


def test_the_verifier_is_that_of_the_standard() -> None:
    """RFC 7677's example: user "user", password "pencil"."""
    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    stored, server = CITY.keys("pencil", salt, 4096)
    assert base64.b64encode(stored).decode() == "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
    assert base64.b64encode(server).decode() == "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="


def test_a_password_is_known_by_its_verifier() -> None:
    kept = CITY.verifier("right", b"0123456789abcdef")
    assert CITY.is_of(kept, "right")
    assert not CITY.is_of(kept, "wrong")


@pytest.mark.parametrize("kept", [None, "", "md5c0ffee", "SCRAM-SHA-256$x", "SCRAM-SHA-1$4096:AAAA$a:b"])
def test_anything_else_is_no_verifier(kept: str | None) -> None:
    assert not CITY.is_of(kept, "right")


@pytest.mark.parametrize(
    ("now", "wanted", "replace", "after"),
    [
        ({"ttl": 30, "loop": 10}, {"ttl": 20}, [], {"ttl": 20, "loop": 10}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}}, [], {"a": {"x": 1, "y": 3}}),
        ({"standby_cluster": {"host": "dc"}}, {"standby_cluster": None}, [], {}),
        (
            {"slots": {"old": {}}},
            {"slots": {"new": {"type": "physical"}}},
            ["slots"],
            {"slots": {"new": {"type": "physical"}}},
        ),
        ({"slots": {"old": {}}, "ttl": 1}, {"ttl": 2}, ["slots"], {"slots": {"old": {}}, "ttl": 2}),
        ({"a": 1}, {"a": {"b": 1}}, [], {"a": {"b": 1}}),
    ],
)
def test_settings_become_what_is_wanted(now: Any, wanted: Any, replace: list[str], after: Any) -> None:
    before = dict(now)
    assert SETTINGS.settled(now, wanted, replace) == after
    assert now == before


def test_a_position_is_a_number_of_bytes_and_back() -> None:
    assert STATE.position("16/B374D848") == 0x16_B374D848
    assert STATE.written(STATE.position("16/B374D848")) == "16/B374D848"


def test_a_history_is_where_each_timeline_ended() -> None:
    text = "1\t0/C0000A0\tno recovery target specified\n\n2\t0/D000028\tbefore 2000-01-01\n"
    assert STATE.history(text) == [[1, 0xC0000A0], [2, 0xD000028]]


@pytest.mark.parametrize(("cluster", "clean"), [("shut down", True), ("in production", False)])
def test_a_stopped_node_says_whether_it_stopped_in_order(cluster: str, clean: bool) -> None:
    text = (
        f"Database cluster state:               {cluster}\nLatest checkpoint location:           0/C000028\n"
        "Latest checkpoint's TimeLineID:       2\nMinimum recovery ending location:     0/0\n"
        "Min recovery ending loc's timeline:   0\nTime of latest checkpoint:            Thu Nov 26 15:15:45 2026\n"
    )
    assert STATE.control(text) == {
        "role": "stopped",
        "clean": clean,
        "position": 0xC000028,
        "timeline": 2,
        "streaming": False,
    }
