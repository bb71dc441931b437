"""A device of an instance as a resource of its own: what each line that arrives adds to a router.

The official provider knows devices only as part of the instance: a ninth city's line would be a change of
a router that eight cities use; as a resource of its own it is a creation, and nothing else is touched.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

from infra.provider.attributes import CONFIG, TEXT, Attribute, one_of
from infra.provider.client import DEFAULT_PATIENCE, Incus, Json, path
from infra.provider.errors import ProviderError
from infra.provider.kinds.base import Kind
from infra.provider.kinds.shapes import DEVICE_TYPES, NAME, PROJECT
from infra.provider.values import Plain

MARK = "user.resource"
"""Device property that says: a resource of its own. Incus lets anybody set those named `user.*`."""

Devices = dict[str, dict[str, str]]


def devices_of(instance: Json) -> Devices:
    """The devices in an instance's document."""
    return dict(instance.get("devices") or {})


def attached(instance: Json) -> Devices:
    """Those that are resources of their own."""
    return {name: device for name, device in devices_of(instance).items() if MARK in device}


def without_attached(instance: Json) -> Json:
    """The instance's document with only the instance's own devices."""
    own = {name: device for name, device in devices_of(instance).items() if MARK not in device}
    return {**instance, "devices": own}


def with_device(instance: Json, device: Plain) -> Json:
    """The instance's document with `device` in it, marked."""
    properties = {**device.get("properties", {}), "type": device["type"], MARK: "device"}
    return {**instance, "devices": {**devices_of(instance), device["name"]: properties}}


def without_device(instance: Json, name: str) -> Json:
    """The instance's document less the device called `name`."""
    return {**instance, "devices": {key: value for key, value in devices_of(instance).items() if key != name}}


def shown(where: Plain, device: dict[str, str]) -> Plain:
    """The state of the device as Incus has it; `where` gives its scope."""
    properties = {key: value for key, value in device.items() if key not in ("type", MARK)}
    scope = {key: where[key] for key in InstanceDevice.scope}
    return {**scope, "type": device["type"], **({"properties": properties} if properties else {})}


class InstanceDevice(Kind):
    """One device of one instance, added, changed and taken away while the instance runs."""

    noun = "instance device"
    scope = ("project", "instance", "name")
    collection = ("instances",)
    attributes = (
        NAME,
        PROJECT,
        Attribute("instance", TEXT, required=True, replaces=True, document=False),
        Attribute("type", one_of(*DEVICE_TYPES), required=True, replaces=True),
        Attribute("properties", CONFIG),
    )

    def __init__(self) -> None:
        # Many lines arrive at one router, and Incus takes its document whole: one change after the other.
        self._turns: defaultdict[tuple[str, str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def create(self, incus: Incus, inputs: Plain, patience: float) -> Plain:
        def add(instance: Json) -> Json:
            if inputs["name"] in devices_of(instance):
                raise ProviderError(f"`{inputs['instance']}` already has a device `{inputs['name']}`")
            return with_device(instance, inputs)

        await self._change(incus, inputs, add, patience)
        return inputs

    async def read(self, incus: Incus, state: Plain) -> Plain | None:
        instance = await incus.find(self._holder(state), self.params(state))
        device = devices_of(instance or {}).get(state["name"])
        return None if device is None else shown(state, device)

    async def update(self, incus: Incus, state: Plain, inputs: Plain, patience: float) -> Plain:
        del state
        await self._change(incus, inputs, lambda instance: with_device(instance, inputs), patience)
        return inputs

    async def delete(self, incus: Incus, state: Plain) -> None:
        if await self.read(incus, state) is not None:
            await self._change(incus, state, lambda instance: without_device(instance, state["name"]))

    async def _change(
        self,
        incus: Incus,
        where: Plain,
        edit: Callable[[Json], Json],
        patience: float = DEFAULT_PATIENCE,
    ) -> None:
        async with self._turns[incus.endpoint.address, where["project"], where["instance"]]:
            await incus.change(self._holder(where), self.params(where), edit, patience)

    def _holder(self, where: Plain) -> str:
        return path("instances", where["instance"])
