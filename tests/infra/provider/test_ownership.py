"""Which keys of a config are Incus' own doing, and which are drift."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from infra.provider.ownership import as_declared, own, to_send

DECLARED = {"ipv4.address": "auto", "user.a": "1"}
MADE = {
    "ipv4.address": "10.1.1.1/24",
    "ipv4.nat": "true",
    "user.a": "1",
    "volatile.id": "7",
    "image.os": "debian",
}
OWNED = own(MADE, DECLARED)


def test_what_incus_made_of_a_config_is_its_own():
    assert OWNED == {
        "added": {"ipv4.nat": "true"},
        "rewritten": {"ipv4.address": {"declared": "auto", "became": "10.1.1.1/24"}},
    }


def test_its_own_doing_is_not_seen():
    assert as_declared(MADE, DECLARED, OWNED) == DECLARED


def test_its_own_keys_are_seen_once_a_hand_has_changed_them():
    by_hand = {**MADE, "ipv4.nat": "false", "ipv4.address": "10.9.9.1/24"}
    assert as_declared(by_hand, DECLARED, OWNED) == {
        "ipv4.address": "10.9.9.1/24",
        "ipv4.nat": "false",
        "user.a": "1",
    }


def test_a_key_that_a_hand_added_is_seen_but_never_a_volatile_one():
    by_hand = {**MADE, "user.b": "2", "volatile.more": "8", "image.release": "12"}
    assert as_declared(by_hand, DECLARED, OWNED) == {**DECLARED, "user.b": "2"}


def test_a_declared_key_is_seen_even_where_incus_has_keys_of_its_own():
    assert as_declared({"image.os": "x"}, {"image.os": "y"}, {}) == {"image.os": "x"}


def test_an_imported_resource_shows_everything_that_is_not_volatile():
    assert as_declared(MADE, {}, {}) == {k: v for k, v in MADE.items() if k.startswith(("ipv4", "user"))}


def test_an_update_keeps_what_is_incus_own_and_drops_what_a_hand_added():
    current = {**MADE, "user.stray": "x"}
    assert to_send({**DECLARED, "user.a": "2"}, current, OWNED) == {**MADE, "user.a": "2"}


def test_an_update_puts_right_what_a_hand_did_to_incus_own_keys():
    current = {**MADE, "ipv4.nat": "false", "ipv4.address": "10.9.9.1/24"}
    assert to_send(DECLARED, current, OWNED) == MADE


def test_a_value_declared_anew_is_sent_as_it_is():
    assert to_send({"ipv4.address": "10.2.2.1/24"}, MADE, OWNED)["ipv4.address"] == "10.2.2.1/24"


KEYS = st.sampled_from(["a", "b", "c", "volatile.x", "image.y"])
CONFIGS = st.dictionaries(KEYS, st.sampled_from(["1", "2", "auto"]))
VISIBLE = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(["1", "2", "auto"]))


@given(declared=VISIBLE, added=CONFIGS, rewritten=VISIBLE)
def test_right_after_an_update_nothing_is_drift(declared, added, rewritten):
    rewrites = {key: value for key, value in rewritten.items() if key in declared}
    observed = {**added, **declared, **rewrites}
    assert as_declared(observed, declared, own(observed, declared)) == declared


@given(declared=VISIBLE, made=CONFIGS, by_hand=CONFIGS)
def test_an_update_undoes_whatever_a_hand_did(declared, made, by_hand):
    observed = {**made, **declared}
    owned = own(observed, declared)
    sent = to_send(declared, by_hand, owned)
    assert as_declared(sent, declared, owned) == declared
