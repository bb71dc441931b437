"""Attributes of resources: their shapes, and what is checked and normalised before anything happens.

A shape knows three things: how to check and normalise what the program gave (`parse`), how Incus writes it
(`encode`) and how to read that back (`decode`). Faults are collected, never raised, so that all are told at
once.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.provider.errors import Fault
from infra.provider.values import Plain, is_unknown

Faults = list[Fault]


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Shape:
    """How values of an attribute look. `parse(value, path, faults)` gives the normalised value."""

    parse: Callable[[Any, str, Faults], Any]
    encode: Callable[[Any], Any] = _same
    decode: Callable[[Any], Any] = _same
    empty: Any = ""


@dataclass(frozen=True)
class Attribute:
    """One attribute of a kind of resource.

    `default` is filled in where the program gives nothing; without one, an empty value and none are the same.
    `replaces`: a change needs a new resource; `replacing_keys`: only a change of these keys of a map does.
    `document`: False if it is no field of Incus' document: part of the address, or told Incus otherwise.
    `compared`: False if nothing in Incus shows it (where to create, what to wait for), so it cannot differ.
    """

    name: str
    shape: Shape
    required: bool = False
    default: Any = None
    replaces: bool = False
    replacing_keys: frozenset[str] = frozenset()
    document: bool = True
    compared: bool = True

    def says(self, value: Any) -> bool:
        """Whether a value says more than giving none would."""
        return self.default is not None or (value is not None and value != self.shape.empty)


def check(attributes: Sequence[Attribute], inputs: Mapping[str, Any]) -> tuple[Plain, Faults]:
    """The inputs normalised, with defaults, and everything that is wrong with them."""
    return _fields(attributes, inputs, "")


def _fields(attributes: Sequence[Attribute], inputs: Mapping[str, Any], path: str) -> tuple[Plain, Faults]:
    faults = _strangers([a.name for a in attributes], inputs, path)
    result: Plain = {}
    for attribute in attributes:
        where = f"{path}.{attribute.name}" if path else attribute.name
        value = inputs.get(attribute.name)
        if value is None:
            value = attribute.default
        elif not is_unknown(value):
            value = attribute.shape.parse(value, where, faults)
        if attribute.required and value in (None, ""):
            faults.append(Fault(where, "is missing"))
        if attribute.says(value):
            result[attribute.name] = value
    return result, faults


def _strangers(known: Sequence[str], inputs: Mapping[str, Any], path: str) -> Faults:
    faults = []
    for key in sorted(set(inputs) - set(known)):
        near = difflib.get_close_matches(key, known, n=1)
        advice = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known)}"
        faults.append(Fault(f"{path}.{key}" if path else key, f"is not known; {advice}"))
    return faults


def encoded(attributes: Sequence[Attribute], inputs: Plain) -> Plain:
    """The document Incus keeps for these inputs."""
    return {a.name: a.shape.encode(inputs.get(a.name, a.shape.empty)) for a in attributes if a.document}


def decoded(attributes: Sequence[Attribute], document: Mapping[str, Any]) -> Plain:
    """The attributes that Incus' document shows, as `check` would have normalised them."""
    result: Plain = {}
    for attribute in attributes:
        if not attribute.document or attribute.name not in document:
            continue
        value = attribute.shape.decode(document[attribute.name])
        if attribute.says(value):
            result[attribute.name] = value
    return result


def _parse_text(value: Any, path: str, faults: Faults) -> Any:
    if not isinstance(value, str):
        faults.append(Fault(path, f"must be a string, not {_described(value)}"))
    return value


def _parse_flag(value: Any, path: str, faults: Faults) -> Any:
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    if not isinstance(value, bool):
        faults.append(Fault(path, f"must be true or false, not {_described(value)}"))
    return value


def _parse_scalar(value: Any, path: str, faults: Faults) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):  # Pulumi knows only floats: 2 arrives as 2.0
        return str(int(value)) if float(value).is_integer() else str(value)
    if not isinstance(value, str):
        faults.append(Fault(path, f"must be a string, a number or a boolean, not {_described(value)}"))
    return value


def _parse_config(value: Any, path: str, faults: Faults) -> Any:
    if not isinstance(value, Mapping):
        faults.append(Fault(path, f"must be a map, not {_described(value)}"))
        return value
    items = {
        key: item if is_unknown(item) else _parse_scalar(item, f'{path}["{key}"]', faults)
        for key, item in value.items()
        if item is not None
    }
    return {key: item for key, item in items.items() if item != ""}  # to Incus, "" means not set


def _listed(parse: Callable[[Any, str, Faults], Any]) -> Callable[[Any, str, Faults], Any]:
    def parse_list(value: Any, path: str, faults: Faults) -> Any:
        if not isinstance(value, list):
            faults.append(Fault(path, f"must be a list, not {_described(value)}"))
            return value
        return [
            item if is_unknown(item) else parse(item, f"{path}[{index}]", faults)
            for index, item in enumerate(value)
        ]

    return parse_list


def _parse_record(fields: Sequence[Attribute]) -> Callable[[Any, str, Faults], Any]:
    def parse(value: Any, path: str, faults: Faults) -> Any:
        if not isinstance(value, Mapping):
            faults.append(Fault(path, f"must be a map, not {_described(value)}"))
            return value
        result, wrong = _fields(fields, value, path)
        faults.extend(wrong)
        return result

    return parse


def _described(value: Any) -> str:
    """The type of a wrong value. Never the value: it may be a secret."""
    names = {
        bool: "a boolean",
        float: "a number",
        int: "a number",
        str: "a string",
        list: "a list",
        dict: "a map",
    }
    return names.get(type(value), type(value).__name__)


TEXT = Shape(_parse_text)
FLAG = Shape(_parse_flag, empty=False)
CONFIG = Shape(_parse_config, empty={}, decode=lambda config: dict(config or {}))


def list_of(item: Shape) -> Shape:
    """A list whose items are of one shape."""
    return Shape(_listed(item.parse), empty=[], decode=lambda items: list(items or []))


STRINGS = list_of(TEXT)


def one_of(*choices: str) -> Shape:
    """A text that must be one of these."""

    def parse(value: Any, path: str, faults: Faults) -> Any:
        if value not in choices:
            faults.append(Fault(path, f"must be one of: {', '.join(choices)}"))
        return value

    return Shape(parse)


def matching(fits: Callable[[str], bool], rule: str) -> Shape:
    """A text for which `fits`; `rule` says what that means."""

    def parse(value: Any, path: str, faults: Faults) -> Any:
        if not isinstance(value, str) or not fits(value):
            faults.append(Fault(path, f"must be {rule}"))
        return value

    return Shape(parse)


def record(*fields: Attribute) -> Shape:
    """A map with known keys."""
    return Shape(_parse_record(fields), empty={})


def records(*fields: Attribute, unique: str | None = None) -> Shape:
    """A list of maps with known keys; with `unique`, no two may have the same value of that key."""
    parse_all = _listed(_parse_record(fields))

    def parse(value: Any, path: str, faults: Faults) -> Any:
        result = parse_all(value, path, faults)
        if unique and isinstance(result, list):
            faults.extend(_repeated(result, unique, path))
        return result

    def decode(items: Any) -> list[Plain]:
        return [decoded(fields, item) for item in items or []]

    return Shape(parse, decode=decode, empty=[])


def _repeated(items: Sequence[Any], key: str, path: str) -> Faults:
    values = [item.get(key) if isinstance(item, Mapping) else None for item in items]
    return [
        Fault(f"{path}[{index}].{key}", f"`{value}` is there already; each {key} must differ")
        for index, value in enumerate(values)
        if isinstance(value, str) and not is_unknown(value) and value in values[:index]
    ]
