"""Rules for the business functions of the standard system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from inventory.model import CloudFile
from inventory.problem import Problem
from inventory.quantity import FaultyFieldError
from inventory.rules.declared import Declared


def business_rules(cloud: Declared[CloudFile]) -> Iterator[Iterator[Problem]]:
    """The rules for the standard system."""
    yield functions_named_are_counted(cloud)
    yield functions_are_named_once(cloud)


def functions_named_are_counted(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """No group names more functions than it has."""
    for index, group in enumerate(cloud.model.standard_system.groups):
        with suppress(FaultyFieldError):
            if len(group.named) > group.functions:
                path = ("standard_system", "groups", index, "named")
                wrong = f"{len(group.named)} functions named of {group.functions}"
                yield cloud.document.problem(path, wrong, "name only functions that are counted")


def functions_are_named_once(cloud: Declared[CloudFile]) -> Iterator[Problem]:
    """A function is in one group, once."""
    seen: dict[str, str] = {}
    for index, group in enumerate(cloud.model.standard_system.groups):
        with suppress(FaultyFieldError):
            for place, name in enumerate(group.named):
                if name in seen:
                    path = ("standard_system", "groups", index, "named", place)
                    yield cloud.document.problem(path, f"{name!r} is in {seen[name]} too", "name each once")
                seen.setdefault(name, group.group)
