"""The records that attributes of Incus resources are made of.

They are dictionaries with known keys, so they reach the provider exactly as written, and outputs of other
resources may stand anywhere inside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

import pulumi

ConfigValue = str | int | float | bool
"""A value of an Incus `config` map. Incus knows only strings: 2 becomes "2" and True becomes "true"."""

Config = pulumi.Input[Mapping[str, pulumi.Input[ConfigValue]]]


class _DeviceType(TypedDict):
    name: pulumi.Input[str]
    type: pulumi.Input[str]


class Device(_DeviceType, total=False):
    """A device of an instance or profile: `type` is nic, disk, proxy ...; `properties` as Incus has them."""

    properties: Config


class _RuleAction(TypedDict):
    action: pulumi.Input[str]


class AclRule(_RuleAction, total=False):
    """One rule of a network ACL.

    `action` is allow, allow-stateless, drop or reject; `state` is enabled (if not given), disabled or logged.
    Sources, destinations and ports are comma-separated lists; one that is not given means any.
    """

    state: pulumi.Input[str]
    description: pulumi.Input[str]
    source: pulumi.Input[str]
    destination: pulumi.Input[str]
    protocol: pulumi.Input[str]
    source_port: pulumi.Input[str]
    destination_port: pulumi.Input[str]
    icmp_type: pulumi.Input[str]
    icmp_code: pulumi.Input[str]


class _SourceData(TypedDict):
    data_path: pulumi.Input[str]


class SourceFile(_SourceData, total=False):
    """The local files of an image: a unified image, or a root file system with its metadata beside it."""

    metadata_path: pulumi.Input[str]


class _WaitType(TypedDict):
    type: pulumi.Input[str]


class WaitFor(_WaitType, total=False):
    """What to wait for after an instance has started.

    `type` is ipv4 or ipv6 (a global address, on the interface `nic` if given), agent (of a virtual machine),
    ready (as the instance itself reports it) or delay (a time such as "30s", given as `delay`).
    """

    delay: pulumi.Input[str]
    nic: pulumi.Input[str]
