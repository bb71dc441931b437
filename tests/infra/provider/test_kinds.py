"""What each kind makes of its inputs and of Incus' documents."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pulumi.runtime.rpc import UNKNOWN

from infra.provider import attributes
from infra.provider.errors import ProviderError
from infra.provider.kinds import KINDS
from infra.provider.kinds.base import in_order
from infra.provider.kinds.image import claimed, claims, fingerprint, is_foreign, unclaimed
from infra.provider.kinds.instance import image_as_declared, source
from infra.provider.kinds.waiting import is_met, seconds

INSTANCE = KINDS["incus:index:Instance"]
NIC = {"name": "wan", "type": "nic", "properties": {"parent": "c6-line1"}}


def test_the_kinds_are_those_of_the_official_provider_and_a_device_of_its_own():
    assert {token.rpartition(":")[2] for token in KINDS} == {
        "Project",
        "Network",
        "NetworkAcl",
        "Profile",
        "Image",
        "Instance",
        "InstanceDevice",
        "StoragePool",
        "StorageVolume",
        "Certificate",
    }


@pytest.mark.parametrize(
    ("token", "inputs", "identity", "address"),
    [
        ("Project", {"name": "konan"}, "konan", "/1.0/projects/konan"),
        ("Network", {"name": "n", "project": "p"}, "p/n", "/1.0/networks/n"),
        (
            "StorageVolume",
            {"name": "v", "pool": "s", "project": "p"},
            "p/s/v",
            "/1.0/storage-pools/s/volumes/custom/v",
        ),
        ("Image", {"fingerprint": "f", "project": "p"}, "p/f", "/1.0/images/f"),
        ("Certificate", {"fingerprint": "f"}, "f", "/1.0/certificates/f"),
    ],
)
def test_an_id_says_where_a_resource_is(token, inputs, identity, address):
    kind = KINDS[f"incus:index:{token}"]
    assert kind.identity(inputs) == identity
    assert kind.located(identity, "default") == inputs
    assert kind.item(inputs) == address


def test_an_import_may_leave_the_project_out():
    assert INSTANCE.located("h", "konan") == {"project": "konan", "name": "h"}


@pytest.mark.parametrize("identity", ["a/b/c", "/h", "p/", ""])
def test_what_cannot_be_an_id_is_told_with_its_form(identity):
    with pytest.raises(ProviderError, match="it would be <project>/<name>"):
        INSTANCE.located(identity, "default")


def test_an_id_with_an_unknown_part_is_not_known():
    assert INSTANCE.identity({"project": "p", "name": UNKNOWN}) == ""


def test_devices_are_a_map_in_incus_and_a_list_in_a_program():
    inputs, faults = INSTANCE.check(
        {"name": "h", "image": "i", "devices": [NIC, {"name": "x", "type": "none"}]}, "p"
    )
    assert faults == []
    document = attributes.encoded(INSTANCE.attributes, inputs)
    assert document["devices"] == {"wan": {"type": "nic", "parent": "c6-line1"}, "x": {"type": "none"}}
    assert attributes.decoded(INSTANCE.attributes, document)["devices"] == inputs["devices"]


def test_what_incus_has_in_no_order_is_seen_in_the_declared_one():
    found = [{"name": "a"}, {"name": "b"}, {"name": "z"}]
    assert [item["name"] for item in in_order(found, [{"name": "z"}, {"name": "b"}])] == ["z", "b", "a"]
    assert in_order(["x", "y"], ["y"]) == ["y", "x"]


def test_a_refreshed_instance_is_what_was_declared():
    inputs, _ = INSTANCE.check(
        {
            "name": "h",
            "image": "router",
            "devices": [NIC],
            "config": {"user.a": 1.0},
            "wait_for": [{"type": "ready"}],
        },
        "p",
    )
    document = {
        **attributes.encoded(INSTANCE.attributes, inputs),
        "status": "Running",
        "project": "p",
        "config": {"user.a": "1", "volatile.base_image": "f" * 64, "image.os": "debian"},
    }
    state = INSTANCE.settled(document, inputs)
    assert INSTANCE.inputs_of(state) == inputs
    assert INSTANCE.observed(document, state) == state


@pytest.mark.parametrize(("status", "running"), [("Running", True), ("Frozen", True), ("Stopped", False)])
def test_an_instance_runs_or_not(status, running):
    assert INSTANCE.observed({"status": status}, {})["running"] is running


def test_an_image_is_a_fingerprint_or_an_alias():
    assert source("0123456789ab") == {"type": "image", "fingerprint": "0123456789ab"}
    assert source("router") == {"type": "image", "alias": "router"}
    assert source("deadbeef") == {"type": "image", "alias": "deadbeef"}


def test_an_image_is_seen_as_declared_while_it_is_the_same():
    assert image_as_declared("f1", "router", recorded="f1") == "router"
    assert image_as_declared("f2", "router", recorded="f1") == "f2"
    assert image_as_declared("f1", "f1", recorded="") == "f1"
    assert image_as_declared("f1", "", recorded="") == "f1"


def test_the_last_claim_that_goes_leaves_a_foreign_image_as_it_was():
    found = {"properties": {"os": "debian"}}
    assert is_foreign(found)
    ours = claimed(found, "a", ["tiny", "router"], foreign=is_foreign(found))
    assert claims(ours) == {"a": ["tiny", "router"]}
    both = claimed(ours, "b", [], foreign=is_foreign(ours))
    assert is_foreign(both)
    assert unclaimed(unclaimed(both, "a"), "b") == found


def test_an_image_of_another_stack_is_not_foreign():
    theirs = claimed({"properties": None}, "a", [], foreign=False)
    assert not is_foreign(theirs)
    assert claims(theirs) == {"a": []}


def test_a_fingerprint_is_that_of_the_files_one_after_the_other(tmp_path):
    (tmp_path / "meta").write_bytes(b"meta")
    (tmp_path / "root").write_bytes(b"root" * 1_000_000)
    files = [tmp_path / "meta", tmp_path / "root"]
    assert fingerprint(files) == hashlib.sha256(b"meta" + b"root" * 1_000_000).hexdigest()
    with pytest.raises(ProviderError, match="cannot read the image file"):
        fingerprint([Path("/nowhere")])


@pytest.mark.parametrize(
    ("delay", "expected"),
    [("30s", 30), ("1m30s", 90), ("250ms", 0.25), ("1.5h", 5400), ("30", None), ("", None)],
)
def test_a_delay_is_a_time_with_units(delay, expected):
    assert seconds(delay) == expected


def test_an_address_counts_once_it_is_global_and_on_the_interface_asked_for():
    state = {
        "network": {
            "lo": {"addresses": [{"family": "inet", "scope": "local"}]},
            "wan": {
                "addresses": [{"family": "inet", "scope": "global"}, {"family": "inet6", "scope": "link"}]
            },
        }
    }
    assert is_met({"type": "ipv4"}, state, {})
    assert is_met({"type": "ipv4", "nic": "wan"}, state, {})
    assert not is_met({"type": "ipv4", "nic": "lan"}, state, {})
    assert not is_met({"type": "ipv6"}, state, {})


def test_an_agent_and_readiness_are_what_incus_says_of_them():
    assert is_met({"type": "agent"}, {"processes": 9}, {})
    assert not is_met({"type": "agent"}, {"processes": -1}, {})
    assert is_met({"type": "ready"}, {}, {"config": {"volatile.last_state.ready": "true"}})
    assert not is_met({"type": "ready"}, {}, {"config": {}})
