"""What differs between the state of a resource and its new inputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class What(Enum):
    """How a property differs."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Change:
    """One difference, at a property path such as `config["limits.cpu"]`."""

    path: str
    what: What
    replaces: bool


def changes(old: Mapping[str, Any], new: Mapping[str, Any], replaces: Callable[[str], bool]) -> list[Change]:
    """All differences between two mappings of attributes, deepest paths first found.

    `replaces` says of a path whether a difference there cannot be mended in place.
    """
    return [Change(path, what, replaces(path)) for path, what in _mappings(old, new, "")]


def _mappings(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[tuple[str, What]]:
    for key in sorted({*old, *new}):
        here = _joined(path, key)
        if key not in old:
            yield here, What.ADD
        elif key not in new:
            yield here, What.DELETE
        else:
            yield from _values(old[key], new[key], here)


def _values(old: Any, new: Any, path: str) -> Iterator[tuple[str, What]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _mappings(old, new, path)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _values(before, after, f"{path}[{index}]")
    elif old != new:
        yield path, What.UPDATE


def _joined(path: str, key: str) -> str:
    if not path:
        return key
    return f"{path}.{key}" if _PLAIN_KEY.fullmatch(key) else f'{path}["{key}"]'
