"""What is checked and normalised before anything happens."""

from __future__ import annotations

import pytest
from pulumi.runtime.rpc import UNKNOWN

from infra.provider.kinds import KINDS


def kind(name):
    return KINDS[f"incus:index:{name}"]


def faults_of(token, /, **inputs):
    return [str(fault) for fault in kind(token).check(inputs, "default")[1]]


def checked(token, /, **inputs):
    result, faults = kind(token).check(inputs, "default")
    assert faults == []
    return result


def test_numbers_and_booleans_become_the_strings_incus_keeps():
    config = {"limits.cpu": 2.0, "limits.cpu.allowance": 0.5, "security.nesting": True, "user.x": "y"}
    assert checked("Project", name="p", config=config)["config"] == {
        "limits.cpu": "2",
        "limits.cpu.allowance": "0.5",
        "security.nesting": "true",
        "user.x": "y",
    }


def test_a_config_value_that_is_empty_or_null_is_not_set():
    assert checked("Project", name="p", config={"a": "", "b": None, "c": "d"})["config"] == {"c": "d"}


def test_nothing_and_empty_are_the_same():
    assert checked("Project", name="p", description="", config={}) == {"name": "p"}


def test_defaults_are_filled_in():
    instance = checked("Instance", name="h", image="i")
    assert instance == {
        "name": "h",
        "project": "default",
        "image": "i",
        "type": "container",
        "running": True,
        "profiles": ["default"],
    }


def test_no_profiles_at_all_is_something_else_than_none_given():
    assert checked("Instance", name="h", image="i", profiles=[])["profiles"] == []


def test_the_providers_project_stands_in_for_one_not_given():
    assert kind("Network").check({"name": "n"}, "konan")[0]["project"] == "konan"
    assert kind("Network").check({"name": "n", "project": "dc"}, "konan")[0]["project"] == "dc"
    assert "project" not in kind("Project").check({"name": "n"}, "konan")[0]


def test_every_fault_is_told_with_its_place_and_what_would_be_right():
    assert faults_of(
        "NetworkAcl",
        descripton="typo",
        config=["not", "a", "map"],
        ingress=[{"action": "alow"}, {"state": "logged", "protocl": "tcp"}, "drop"],
    ) == [
        "descripton: is not known; did you mean `description`?",
        "name: is missing",
        "ingress[0].action: must be one of: allow, allow-stateless, drop, reject",
        "ingress[1].protocl: is not known; did you mean `protocol`?",
        "ingress[1].action: is missing",
        "ingress[2]: must be a map, not a string",
        "config: must be a map, not a list",
    ]


def test_a_wrong_value_is_never_repeated_because_it_may_be_a_secret():
    assert "hunter2" not in " ".join(faults_of("Project", name="p", config={"user.a": ["hunter2"]}))


@pytest.mark.parametrize(
    ("token", "inputs", "fault"),
    [
        ("Network", {"name": "a-name-too-long-"}, "15 characters at most, but `a-name-too-long-` has 16"),
        ("Network", {"name": "a/b"}, "name: must be a name without spaces and slashes"),
        ("Network", {"name": ".."}, "name: must be a name without spaces and slashes"),
        ("Network", {"name": "n", "type": "brigde"}, "type: must be one of: bridge"),
        ("Instance", {"name": "1st", "image": "i"}, "name: must be a host name"),
        ("Instance", {"name": "h", "image": "i", "running": "maybe"}, "running: must be true or false"),
        (
            "Instance",
            {
                "name": "h",
                "image": "i",
                "devices": [{"name": "a", "type": "nic"}, {"name": "a", "type": "nic"}],
            },
            "devices[1].name: `a` is there already",
        ),
        (
            "Instance",
            {"name": "h", "image": "i", "wait_for": [{"type": "delay", "delay": "soon"}]},
            'wait_for[0].delay: must be a time such as "30s"',
        ),
        (
            "Instance",
            {"name": "h", "image": "i", "wait_for": [{"type": "agent", "nic": "eth0"}]},
            "wait_for[0].nic: goes with the types ipv4 and ipv6 only",
        ),
        ("Image", {"source_file": {"data_path": "/nowhere"}}, "`/nowhere` is not a file that is there"),
        ("Image", {}, "source_file: is missing"),
        ("Certificate", {"name": "c", "certificate": "no"}, "certificate: must be one certificate"),
        (
            "Certificate",
            {"name": "c", "certificate": "no", "projects": ["p"]},
            "projects: limit nothing unless `restricted` is true",
        ),
        ("StorageVolume", {"name": "v"}, "pool: is missing"),
    ],
)
def test_what_incus_would_refuse_is_refused_in_the_preview(token, inputs, fault):
    assert any(fault in told for told in faults_of(token, **inputs))


def test_what_a_preview_does_not_know_yet_is_no_fault():
    unknown = UNKNOWN
    assert faults_of("Network", name=unknown, type=unknown, config={"ipv4.address": unknown}) == []
    assert faults_of("Instance", name=unknown, image=unknown, devices=unknown, profiles=[unknown]) == []
    assert faults_of("Image", source_file={"data_path": unknown}) == []
    assert faults_of("Certificate", name="c", certificate=unknown) == []


async def test_what_follows_from_the_unknown_is_unknown():
    image = await kind("Image").derive({"source_file": {"data_path": UNKNOWN}})
    assert image["fingerprint"] == UNKNOWN
    certificate = await kind("Certificate").derive({"certificate": UNKNOWN})
    assert certificate["fingerprint"] == UNKNOWN
