"""A pulumi that was killed: what it had begun to create is taken away, so that the next one can begin anew.

Pulumi writes down that it begins a creation and, later, what came of it. Killed in between, it cannot know if the
thing exists, and refuses both to create it again and to go on. It may be there, half there (Incus keeps such a
network as "pending") or not at all; but nobody has used it yet, and where it would be follows from its inputs.
So it is deleted, which is right in all three cases, and struck from the list.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from infra.provider.client import Incus
from infra.provider.endpoint import Endpoint
from infra.provider.kinds import KINDS, Kind

Json = dict[str, Any]


@dataclass(frozen=True)
class Begun:
    """A creation that was cut off: the kind of resource, and what it was to be made from."""

    kind: Kind
    inputs: Json

    def __str__(self) -> str:
        return f"{self.kind.noun} {self.kind.identity(self.inputs)}"


def creations(exported: Json) -> list[Begun]:
    """Every creation of something of Incus that was cut off, from what `pulumi stack export` gives."""
    begun = [
        operation["resource"]
        for operation in exported["deployment"].get("pending_operations") or []
        if operation["type"] == "creating"
    ]
    return [Begun(KINDS[r["type"]], r.get("inputs", {})) for r in begun if r["type"] in KINDS]


def settled(exported: Json) -> str:
    """The state without anything pending, as `pulumi stack import` takes it."""
    rest = {key: value for key, value in exported["deployment"].items() if key != "pending_operations"}
    return json.dumps({**exported, "deployment": rest})


async def take_away(begun: list[Begun], socket: str) -> None:
    """Delete what is there of each. Raises infra.provider.errors.ProviderError where Incus refuses."""
    incus = Incus(Endpoint(socket, project="default"))
    for item in begun:
        await item.kind.delete(incus, item.inputs)
