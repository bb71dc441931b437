"""What a killed pulumi had begun is found by the ids that follow from its inputs, and struck from the list."""

from __future__ import annotations

import json
from typing import Any

from omi.interrupted import creations, settled

NETWORK = {"project": "default", "name": "c9-line1"}
CARD = {"project": "dc", "instance": "dc-edge1", "name": "c9l1"}


def exported(*operations: tuple[str, str, dict[str, str]]) -> dict[str, Any]:
    """What `pulumi stack export` gives, with these pending operations."""
    pending = [
        {"type": kind, "resource": {"urn": "urn:...", "type": token, "inputs": inputs}}
        for kind, token, inputs in operations
    ]
    return {"version": 3, "deployment": {"resources": [{"urn": "kept"}], "pending_operations": pending}}


def test_creations_are_found_by_the_id_that_incus_knows_them_by() -> None:
    state = exported(
        ("creating", "incus:index:Network", NETWORK), ("creating", "incus:index:InstanceDevice", CARD)
    )
    found = [str(begun) for begun in creations(state)]
    assert found == ["network default/c9-line1", "instance device dc/dc-edge1/c9l1"]


def test_what_was_only_being_changed_or_deleted_is_left_alone() -> None:
    state = exported(
        ("updating", "incus:index:Network", NETWORK), ("deleting", "incus:index:Network", NETWORK)
    )
    assert creations(state) == []


def test_what_is_not_of_incus_is_left_alone() -> None:
    assert creations(exported(("creating", "pulumi:providers:incus", {}))) == []


def test_a_stack_that_was_never_updated_has_nothing_pending() -> None:
    assert creations({"version": 3, "deployment": {}}) == []


def test_the_settled_state_has_nothing_pending_and_loses_nothing_else() -> None:
    deployment = json.loads(settled(exported(("creating", "incus:index:Network", NETWORK))))["deployment"]
    assert deployment == {"resources": [{"urn": "kept"}]}
