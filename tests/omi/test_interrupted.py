"""What a killed pulumi had begun is found again by the ids that follow from its inputs."""

from __future__ import annotations

import json

from omi.interrupted import pending_creations, refresh_command

LINE = "urn:pulumi:lab::omi::omi:infra:Lines$incus:index:Network::c9-line1"
CARD = "urn:pulumi:lab::omi::omi:infra:Lines$incus:index:InstanceDevice::dc-edge1-c9l1"


def exported(*operations: tuple[str, str, str, dict[str, str]]) -> str:
    """What `pulumi stack export` prints, with these pending operations."""
    pending = [
        {"type": kind, "resource": {"urn": urn, "type": token, "inputs": inputs}}
        for kind, urn, token, inputs in operations
    ]
    return json.dumps({"version": 3, "deployment": {"pending_operations": pending}})


def test_creations_are_found_by_the_id_that_incus_knows_them_by() -> None:
    state = exported(
        ("creating", LINE, "incus:index:Network", {"project": "default", "name": "c9-line1"}),
        (
            "creating",
            CARD,
            "incus:index:InstanceDevice",
            {"project": "dc", "instance": "dc-edge1", "name": "c9l1"},
        ),
    )
    assert pending_creations(state) == [(LINE, "default/c9-line1"), (CARD, "dc/dc-edge1/c9l1")]


def test_changes_and_deletions_need_no_answer() -> None:
    network = {"project": "default", "name": "c9-line1"}
    state = exported(
        ("updating", LINE, "incus:index:Network", network), ("deleting", LINE, "incus:index:Network", network)
    )
    assert pending_creations(state) == []


def test_a_stack_that_was_never_updated_has_nothing_pending() -> None:
    assert pending_creations('{"version": 3, "deployment": {}}') == []


def test_pulumi_is_told_each_urn_with_its_id() -> None:
    command = refresh_command([(LINE, "default/c9-line1")])
    place = command.index(LINE)
    assert command[place - 1 : place + 3] == [
        "--import-pending-creates",
        LINE,
        "--import-pending-creates",
        "default/c9-line1",
    ]
