"""Shapes and attributes that several kinds share."""

from __future__ import annotations

import re
from typing import Any

from infra.provider.attributes import CONFIG, TEXT, Attribute, Shape, matching, one_of, records
from infra.provider.values import Plain

DEVICE_TYPES = (
    "none",
    "nic",
    "disk",
    "unix-char",
    "unix-block",
    "unix-hotplug",
    "usb",
    "gpu",
    "infiniband",
    "proxy",
    "tpm",
    "pci",
)


def _is_name(value: str) -> bool:
    return re.fullmatch(r"[^\s/]+", value) is not None and value not in (".", "..")


NAME = Attribute(
    "name", matching(_is_name, "a name without spaces and slashes"), required=True, replaces=True
)
PROJECT = Attribute(
    "project", matching(_is_name, "the name of an Incus project"), replaces=True, document=False
)
DESCRIPTION = Attribute("description", TEXT)
CONFIG_MAP = Attribute("config", CONFIG)


def _encode_devices(devices: list[Plain]) -> Plain:
    return {device["name"]: {**device.get("properties", {}), "type": device["type"]} for device in devices}


def _decode_devices(devices: dict[str, dict[str, Any]] | None) -> list[Plain]:
    return [_device(name, properties) for name, properties in sorted((devices or {}).items())]


def _device(name: str, properties: dict[str, Any]) -> Plain:
    rest = {key: value for key, value in properties.items() if key != "type"}
    device = {"name": name, "type": properties["type"]}
    return {**device, "properties": rest} if rest else device


_DEVICE_LIST = records(
    Attribute("name", TEXT, required=True),
    Attribute("type", one_of(*DEVICE_TYPES), required=True),
    Attribute("properties", CONFIG),
    unique="name",
)
DEVICES = Attribute(
    "devices", Shape(_DEVICE_LIST.parse, encode=_encode_devices, decode=_decode_devices, empty=[])
)
