"""Pulumi's values as plain Python and back, with their secrets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN

from infra.provider.provider import _secrets
from infra.provider.values import is_unknown, plain, secret_paths, wrapped

LEAVES = st.text() | st.booleans() | st.none() | st.floats(allow_nan=False)
PLAIN = st.dictionaries(
    st.text(),
    st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10),
)


@given(PLAIN)
def test_values_survive_the_way_there_and_back(values):
    marshalled = PropertyValue.marshal_map(wrapped(values, ()))
    assert plain(PropertyValue.unmarshal_map(marshalled)) == values


def test_a_secret_keeps_its_place():
    given_ = {
        "config": PropertyValue({"a": PropertyValue("open"), "b": PropertyValue("shut", is_secret=True)})
    }
    paths = secret_paths(given_)
    assert paths == {("config", "b")}
    again = wrapped({"config": {"a": "open", "b": "changed", "c": "new"}}, paths)
    inside = again["config"].value
    assert {key: value.is_secret for key, value in inside.items()} == {"a": False, "b": True, "c": False}


def test_a_secret_inside_a_list_makes_the_whole_list_secret():
    device = PropertyValue({"name": PropertyValue("eth0"), "key": PropertyValue("x", is_secret=True)})
    paths = secret_paths({"devices": PropertyValue([device])})
    assert paths == {("devices",)}
    assert wrapped({"devices": [{"name": "other"}, {"key": "x"}]}, paths)["devices"].is_secret


def test_what_incus_made_of_a_secret_config_is_secret_too():
    properties = {"config": PropertyValue({"a": PropertyValue("x", is_secret=True)})}
    assert ("computed_config",) in _secrets(properties)
    assert ("computed_config",) not in _secrets({"config": PropertyValue({"a": PropertyValue("x")})})


@pytest.mark.parametrize(("value", "unknown"), [(UNKNOWN, True), ("", False), (None, False), (1.0, False)])
def test_only_what_a_preview_does_not_know_is_unknown(value, unknown):
    assert is_unknown(value) is unknown
