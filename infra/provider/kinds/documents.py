"""The kinds that Incus keeps as one document each: an address and a table of attributes say nearly all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar, TypeVar

from infra.provider.attributes import TEXT, Attribute, one_of, records
from infra.provider.client import Incus
from infra.provider.errors import Fault, IncusError
from infra.provider.kinds.base import Document
from infra.provider.kinds.shapes import CONFIG_MAP, DESCRIPTION, DEVICES, NAME, PROJECT
from infra.provider.values import Plain, is_unknown

_INTERFACE_NAME_LIMIT = 15
"""Characters Linux allows in the name of a network interface, which a bridge is."""

_VANISHED = "ip -d -j link show"
"""What Incus was at when it says that a link is not there any more."""
_ATTEMPTS = 8
_PAUSE = 0.2
"""Seconds before the second attempt; each later one waits as much longer."""

Result = TypeVar("Result")

_RULES = records(
    Attribute("action", one_of("allow", "allow-stateless", "drop", "reject"), required=True),
    Attribute("state", one_of("enabled", "disabled", "logged"), default="enabled"),
    *(
        Attribute(name, TEXT)
        for name in (
            "description",
            "source",
            "destination",
            "protocol",
            "source_port",
            "destination_port",
            "icmp_type",
            "icmp_code",
        )
    ),
)


class Project(Document):
    noun = "project"
    scope: ClassVar[tuple[str, ...]] = ("name",)
    collection = ("projects",)
    attributes = (NAME, DESCRIPTION, CONFIG_MAP)


class Network(Document):
    noun = "network"
    collection = ("networks",)
    attributes = (
        NAME,
        PROJECT,
        DESCRIPTION,
        Attribute(
            "type", one_of("bridge", "macvlan", "sriov", "ovn", "physical"), default="bridge", replaces=True
        ),
        CONFIG_MAP,
    )

    def rules(self, inputs: Plain) -> list[Fault]:
        name = inputs.get("name")
        if inputs.get("type") != "bridge" or not isinstance(name, str) or is_unknown(name):
            return []
        if len(name) <= _INTERFACE_NAME_LIMIT:
            return []
        limit = f"{_INTERFACE_NAME_LIMIT} characters at most"
        return [Fault("name", f"a bridge is a network interface: {limit}, but `{name}` has {len(name)}")]

    async def create(self, incus: Incus, inputs: Plain, patience: float) -> Plain:
        return await despite_vanishing_links(lambda: super(Network, self).create(incus, inputs, patience))

    async def delete(self, incus: Incus, state: Plain) -> None:
        await despite_vanishing_links(lambda: super(Network, self).delete(incus, state))


async def despite_vanishing_links(action: Callable[[], Awaitable[Result]]) -> Result:
    """Do something to a bridge, again if a link elsewhere went away meanwhile.

    Incus walks over all links of the machine to find those on the bridge, and fails when one of them vanishes on the
    way: another bridge that is deleted, or a card that moves into an instance as it starts. It undoes what it did.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return await action()
        except IncusError as error:
            if _VANISHED not in str(error) or attempt == _ATTEMPTS:
                raise
        await asyncio.sleep(_PAUSE * attempt)
    raise AssertionError("the last attempt returns or raises")


class NetworkAcl(Document):
    noun = "network ACL"
    collection = ("network-acls",)
    attributes = (
        NAME,
        PROJECT,
        DESCRIPTION,
        Attribute("ingress", _RULES),
        Attribute("egress", _RULES),
        CONFIG_MAP,
    )


class Profile(Document):
    """Incus makes the profile `default` along with its project and does not let it be deleted.

    So that one is taken over instead of made, and emptied instead of deleted.
    """

    noun = "profile"
    collection = ("profiles",)
    attributes = (NAME, PROJECT, DESCRIPTION, CONFIG_MAP, DEVICES)

    async def create(self, incus: Incus, inputs: Plain, patience: float) -> Plain:
        if inputs["name"] == "default":
            return await self.update(incus, {}, inputs, patience)
        return await super().create(incus, inputs, patience)

    async def delete(self, incus: Incus, state: Plain) -> None:
        if state["name"] != "default":
            await super().delete(incus, state)
        elif await incus.find(self.item(state), self.params(state)) is not None:
            body = {"description": "", "config": {}, "devices": {}}
            await incus.send("PUT", self.item(state), self.params(state), body=body)


class StoragePool(Document):
    noun = "storage pool"
    scope: ClassVar[tuple[str, ...]] = ("name",)
    collection = ("storage-pools",)
    attributes = (
        NAME,
        Attribute("driver", TEXT, required=True, replaces=True),
        DESCRIPTION,
        Attribute("config", CONFIG_MAP.shape, replacing_keys=frozenset({"source"})),
    )


class StorageVolume(Document):
    """A custom volume: those of instances and images belong to these."""

    noun = "storage volume"
    scope: ClassVar[tuple[str, ...]] = ("project", "pool", "name")
    collection = ("storage-pools", "{pool}", "volumes", "custom")
    attributes = (
        NAME,
        PROJECT,
        Attribute("pool", TEXT, required=True, replaces=True, document=False),
        DESCRIPTION,
        Attribute("content_type", one_of("filesystem", "block", "iso"), default="filesystem", replaces=True),
        CONFIG_MAP,
    )
