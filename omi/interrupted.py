"""A pulumi that was killed: what it had begun to create is found in Incus and taken into the state.

Pulumi writes down that it begins a creation and, later, what came of it. Killed in between, it cannot know if
the thing exists, and will neither create it again nor go on. The ids of Incus' things follow from their
inputs, so the question has an answer: pulumi is told the id, looks, and keeps or forgets the resource.
"""

from __future__ import annotations

import json
from typing import Any

from infra.provider.kinds import KINDS

Json = dict[str, Any]


def pending_creations(exported: str) -> list[tuple[str, str]]:
    """(URN, id) of every creation that was cut off, from what `pulumi stack export` printed."""
    operations: list[Json] = json.loads(exported).get("deployment", {}).get("pending_operations") or []
    begun = [operation["resource"] for operation in operations if operation["type"] == "creating"]
    return [(resource["urn"], identity(resource)) for resource in begun if resource["type"] in KINDS]


def identity(resource: Json) -> str:
    """The id the resource has in Incus, if it is there."""
    return KINDS[resource["type"]].identity(resource.get("inputs", {}))


def refresh_command(pending: list[tuple[str, str]]) -> list[str]:
    """The pulumi command that looks for each of them, and clears whatever else was cut off."""
    command = ["pulumi", "refresh", "--yes", "--skip-preview", "--non-interactive", "--color=never"]
    for urn, found_as in pending:
        command += ["--import-pending-creates", urn, "--import-pending-creates", found_as]
    return command
