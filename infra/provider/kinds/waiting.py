"""Waiting until a started instance is of use."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from infra.provider.client import Json
from infra.provider.errors import Fault, ProviderError
from infra.provider.values import Plain, is_unknown

_POLL = 0.25
"""Seconds between two looks."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")

Look = Callable[[], Awaitable[Json]]


def seconds(delay: str) -> float | None:
    """The seconds of a time such as "30s" or "1m30s"; None if it is none."""
    parts = _PART.findall(delay)
    if not parts or "".join(number + unit for number, unit in parts) != delay:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def faults(conditions: object) -> list[Fault]:
    """What is wrong with a `wait_for` list beyond its shape."""
    if not isinstance(conditions, list):
        return []
    return [
        fault
        for index, condition in enumerate(conditions)
        if isinstance(condition, Mapping)
        for fault in _condition_faults(condition, f"wait_for[{index}]")
    ]


def _condition_faults(condition: Mapping[str, Any], path: str) -> Iterator[Fault]:
    kind, delay = condition.get("type"), condition.get("delay")
    if kind == "delay" and not is_unknown(delay) and seconds(str(delay or "")) is None:
        yield Fault(f"{path}.delay", 'must be a time such as "30s" or "1m30s"')
    if kind != "delay" and delay:
        yield Fault(f"{path}.delay", "goes with the type delay only")
    if condition.get("nic") and kind not in ("ipv4", "ipv6"):
        yield Fault(f"{path}.nic", "goes with the types ipv4 and ipv6 only")


def is_met(condition: Mapping[str, str], state: Json, document: Json) -> bool:
    """Whether an instance's state (or its document, for ready) shows that the condition is met."""
    kind = condition["type"]
    if kind == "agent":
        return int(state.get("processes", 0)) > 0
    if kind == "ready":
        return (document.get("config") or {}).get("volatile.last_state.ready") == "true"
    family = {"ipv4": "inet", "ipv6": "inet6"}[kind]
    return family in set(_families(state.get("network") or {}, condition.get("nic")))


def _families(network: Mapping[str, Any], nic: str | None) -> Iterator[str]:
    for name, interface in network.items():
        if nic in (None, name):
            for address in interface.get("addresses") or []:
                if address["scope"] == "global":
                    yield address["family"]


async def until(state: Look, document: Look, conditions: Sequence[Plain], patience: float) -> None:
    """Wait until all conditions are met. Raises ProviderError if one is not within `patience` seconds."""
    for condition in conditions:
        if condition["type"] == "delay":
            await asyncio.sleep(seconds(condition["delay"]) or 0)
            continue
        try:
            async with asyncio.timeout(patience):
                while not is_met(condition, await state(), await document()):
                    await asyncio.sleep(_POLL)
        except TimeoutError:
            what = condition["type"] + (f" on {condition['nic']}" if "nic" in condition else "")
            raise ProviderError(f"it started, but had no {what} after {patience:.0f} s") from None
