"""Instances: what is asked of Incus to make, change and take away containers and virtual machines."""

from __future__ import annotations

import asyncio
import re

from infra.provider import attributes
from infra.provider.attributes import FLAG, STRINGS, TEXT, Attribute, one_of, records
from infra.provider.client import Incus, Json
from infra.provider.errors import Fault, IncusError, OperationTimeoutError, ProviderError
from infra.provider.kinds import waiting
from infra.provider.kinds.base import Kind
from infra.provider.kinds.instance_device import attached, without_attached
from infra.provider.kinds.shapes import CONFIG_MAP, DESCRIPTION, DEVICES, NAME, PROJECT
from infra.provider.values import Plain, is_unknown

BASE_IMAGE = "base_image"
"""The output that keeps the fingerprint of the image the instance was made from."""

_RUNNING = ("Running", "Ready", "Frozen")
_STOP_PATIENCE = 30
"""Seconds an instance has to shut down in order before it is stopped by force."""

_DELETE_ATTEMPTS, _DELETE_PAUSE = 10, 0.5
"""An instance whose start has just failed is neither running nor stopped at first; pause in seconds."""

_FINGERPRINT = re.compile(r"[0-9a-f]{12,64}")
_HOST_NAME = re.compile(r"[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class Instance(Kind):
    """A container or virtual machine: made stopped, then started, then waited for."""

    noun = "instance"
    collection = ("instances",)
    attributes = (
        NAME,
        PROJECT,
        Attribute("image", TEXT, required=True, replaces=True, document=False),
        DESCRIPTION,
        Attribute("type", one_of("container", "virtual-machine"), default="container", replaces=True),
        Attribute("ephemeral", FLAG),
        Attribute("running", FLAG, default=True, document=False),
        Attribute(
            "wait_for",
            records(
                Attribute("type", one_of("ipv4", "ipv6", "agent", "ready", "delay"), required=True),
                Attribute("delay", TEXT),
                Attribute("nic", TEXT),
            ),
            document=False,
            compared=False,
        ),
        Attribute("profiles", STRINGS, default=["default"]),
        DEVICES,
        CONFIG_MAP,
        Attribute("target", TEXT, document=False, compared=False),
    )

    def rules(self, inputs: Plain) -> list[Fault]:
        return [*_name_faults(inputs.get("name")), *waiting.faults(inputs.get("wait_for"))]

    def observed(self, document: Json, before: Plain) -> Plain:
        state = super().observed(without_attached(document), before)
        base = (document.get("config") or {}).get("volatile.base_image", "")
        state["running"] = document["status"] in _RUNNING
        state["image"] = image_as_declared(base, before.get("image", ""), before.get(BASE_IMAGE, ""))
        state[BASE_IMAGE] = before.get(BASE_IMAGE, "") or base
        return state

    def settled(self, document: Json, inputs: Plain) -> Plain:
        base = (document.get("config") or {}).get("volatile.base_image", "")
        return super().settled(document, {**inputs, BASE_IMAGE: base})

    def merged(self, document: Json, state: Plain, inputs: Plain) -> Json:
        body = super().merged(document, state, inputs)
        return {**body, "devices": {**body["devices"], **attached(document)}}

    async def create(self, incus: Incus, inputs: Plain, patience: float) -> Plain:
        await self._make(incus, inputs, patience)
        try:
            if inputs["running"]:
                await self._start(incus, inputs, patience)
            document = await incus.get(self.item(inputs), self.params(inputs))
        except ProviderError as error:
            raise await self.withdrawn(incus, inputs, error) from error
        return self.settled(document, inputs)

    async def read(self, incus: Incus, state: Plain) -> Plain | None:
        document = await incus.find(self.item(state), self.params(state))
        return None if document is None else self.observed(document, state)

    async def update(self, incus: Incus, state: Plain, inputs: Plain, patience: float) -> Plain:
        where, params = self.item(inputs), self.params(inputs)
        runs = (await incus.get(where, params))["status"] in _RUNNING
        if runs and not inputs["running"]:
            await self._stop(incus, inputs)
        await incus.change(where, params, lambda now: self.merged(now, state, inputs), patience)
        if inputs["running"] and not runs:
            await self._start(incus, inputs, patience)
        document = await incus.get(where, params)
        return self.settled(document, inputs)

    async def delete(self, incus: Incus, state: Plain) -> None:
        for attempt in range(1, _DELETE_ATTEMPTS + 1):
            try:
                await self._end(incus, state)
            except IncusError:
                if attempt == _DELETE_ATTEMPTS:
                    raise
                await asyncio.sleep(_DELETE_PAUSE)
            else:
                return

    async def _end(self, incus: Incus, state: Plain) -> None:
        document = await incus.find(self.item(state), self.params(state))
        if document is not None and document["status"] != "Stopped":
            await self._act(incus, state, "stop", force=True)
        await incus.remove(self.item(state), self.params(state))

    async def _make(self, incus: Incus, inputs: Plain, patience: float) -> None:
        body = {**attributes.encoded(self.attributes, inputs), "source": source(inputs["image"])}
        params = {**self.params(inputs), **({"target": inputs["target"]} if "target" in inputs else {})}
        if await incus.find(self.item(inputs), self.params(inputs)) is not None:
            raise ProviderError(f"the instance `{self.identity(inputs)}` already exists")
        try:
            async with incus.starting:
                await incus.send("POST", self.home(inputs), params, body=body, patience=patience)
        except OperationTimeoutError as error:
            raise await self.withdrawn(incus, inputs, error) from error

    async def _start(self, incus: Incus, inputs: Plain, patience: float) -> None:
        try:
            async with incus.starting:
                await self._act(incus, inputs, "start", patience=patience)
        except ProviderError as error:
            raise ProviderError(f"it did not start: {error}{await self._log(incus, inputs)}") from error
        await waiting.until(
            lambda: incus.get(self.item(inputs, "state"), self.params(inputs)),
            lambda: incus.get(self.item(inputs), self.params(inputs)),
            inputs.get("wait_for", []),
            patience,
        )

    async def _stop(self, incus: Incus, where: Plain) -> None:
        try:
            await self._act(incus, where, "stop", patience=_STOP_PATIENCE)
        except ProviderError:
            await self._act(incus, where, "stop", force=True)

    async def _act(
        self, incus: Incus, where: Plain, action: str, *, force: bool = False, patience: float = 120
    ) -> None:
        body = {"action": action, "force": force, "timeout": round(patience)}
        state = self.item(where, "state")
        await incus.send("PUT", state, self.params(where), body=body, patience=patience + 10)

    async def _log(self, incus: Incus, where: Plain) -> str:
        """The errors in the container's own log: they say why, where Incus' answer says very little."""
        try:
            log = await incus.text(self.item(where, "logs", "lxc.log"), self.params(where))
        except ProviderError:
            return ""
        lines = [line for line in log.splitlines() if " ERROR " in line]
        return "".join(f"\n  {line}" for line in lines[:5])


def source(image: str) -> dict[str, str]:
    """Where Incus takes the image from: a fingerprint (or 12 or more first digits of one), else an alias."""
    return {"type": "image", "fingerprint" if _FINGERPRINT.fullmatch(image) else "alias": image}


def image_as_declared(base: str, declared: str, recorded: str) -> str:
    """The image as the program wrote it, while the instance still is of the image that this meant."""
    return declared if declared and base in (declared, recorded) else base


def _name_faults(name: object) -> list[Fault]:
    if not isinstance(name, str) or is_unknown(name) or _HOST_NAME.fullmatch(name):
        return []
    return [Fault("name", "must be a host name: letters, digits and hyphens, a letter first, 63 at most")]
