"""What differs, where, and whether it can be mended in place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from infra.provider.diff import Change, What, changes
from infra.provider.kinds import KINDS

INSTANCE = KINDS["incus:index:Instance"]
POOL = KINDS["incus:index:StoragePool"]


def never(path):
    del path
    return False


def test_paths_are_those_pulumi_shows():
    old = {"config": {"limits.cpu": "1", "gone": "x"}, "devices": [{"name": "a", "properties": {"mtu": "1"}}]}
    new = {"config": {"limits.cpu": "2", "new": "y"}, "devices": [{"name": "a", "properties": {"mtu": "2"}}]}
    assert changes(old, new, never) == [
        Change("config.gone", What.DELETE, False),
        Change('config["limits.cpu"]', What.UPDATE, False),
        Change("config.new", What.ADD, False),
        Change("devices[0].properties.mtu", What.UPDATE, False),
    ]


def test_a_list_of_another_length_differs_as_a_whole():
    assert changes({"profiles": ["a"]}, {"profiles": ["a", "b"]}, never) == [
        Change("profiles", What.UPDATE, False)
    ]


def test_what_incus_cannot_change_needs_a_replacement():
    for path in ("name", "project", "image", "type"):
        assert INSTANCE.replaces(path)
    for path in (
        "description",
        "devices",
        "devices[0].name",
        'config["limits.cpu"]',
        "running",
        "profiles[0]",
    ):
        assert not INSTANCE.replaces(path)


def test_only_some_keys_of_a_config_need_a_replacement():
    assert POOL.replaces("config.source")
    assert not POOL.replaces("config.size")
    assert not POOL.replaces("config")


def test_what_nothing_in_incus_shows_is_never_compared():
    compared = INSTANCE.comparable(
        {"name": "h", "wait_for": [{"type": "ready"}], "target": "a", "base_image": "f"}
    )
    assert compared == {"name": "h"}


VALUES = st.recursive(
    st.text(max_size=3) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.text(min_size=1, max_size=3), VALUES, max_size=4)


@given(MAPPINGS)
def test_equal_mappings_never_differ(values):
    assert changes(values, values, never) == []


@given(MAPPINGS, MAPPINGS)
def test_different_mappings_always_differ(old, new):
    assert bool(changes(old, new, never)) == (old != new)
