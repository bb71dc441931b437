"""Pulumi's property values as plain Python, and back, with their secrets.

Everything else in the provider works on plain dictionaries. What is secret travels beside them as paths.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN

Path = tuple[str, ...]
Properties = Mapping[str, PropertyValue]
Plain = dict[str, Any]

__all__ = ["UNKNOWN", "Path", "Plain", "Properties", "is_unknown", "plain", "secret_paths", "wrapped"]


def plain(properties: Properties) -> Plain:
    """The properties without wrapping. A value that a preview does not know yet is UNKNOWN."""
    return {key: _plain(value) for key, value in properties.items()}


def _plain(value: PropertyValue) -> Any:
    inner = value.value
    if isinstance(inner, Mapping):
        return plain(inner)
    if isinstance(inner, Sequence) and not isinstance(inner, str):
        return [_plain(item) for item in inner]
    return inner


def is_unknown(value: object) -> bool:
    """Whether a preview does not know the value yet."""
    return isinstance(value, str) and value == UNKNOWN


def secret_paths(properties: Properties) -> frozenset[Path]:
    """Where the secrets are.

    A secret inside a list makes the whole list secret: elements come and go in Incus, and a position that
    shifts must not lay a secret open.
    """
    return frozenset(path for key, value in properties.items() for path in _secrets(value, (key,)))


def _secrets(value: PropertyValue, path: Path) -> Iterator[Path]:
    inner = value.value
    if value.is_secret:
        yield path
    elif isinstance(inner, Mapping):
        for key, item in inner.items():
            yield from _secrets(item, (*path, key))
    elif value.contains_secret():
        yield path


def wrapped(values: Mapping[str, Any], secrets: Collection[Path]) -> dict[str, PropertyValue]:
    """Plain values as Pulumi's, those at one of the paths as secrets."""
    return {key: _wrapped(value, (key,), secrets) for key, value in values.items()}


def _wrapped(value: Any, path: Path, secrets: Collection[Path]) -> PropertyValue:
    secret = path in secrets
    if isinstance(value, Mapping):
        items = {key: _wrapped(item, (*path, key), secrets) for key, item in value.items()}
        return PropertyValue(items, is_secret=secret)
    if isinstance(value, list | tuple):
        return PropertyValue([_wrapped(item, (), ()) for item in value], is_secret=secret)
    if isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    return PropertyValue(value, is_secret=secret)
