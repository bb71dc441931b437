"""Which keys of a `config` map are Incus' own doing.

Incus adds keys of its own when it makes something (the address of a bridge, the source of a storage pool) and
rewrites some values it is given ("auto" becomes an address). Neither is drift, but the same key changed or
added by hand is. So what Incus had made of the declared config right after it was applied is kept in the
state, and only what differs from that is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

Config = Mapping[str, str]

_NEVER_SHOWN = ("volatile.", "image.")


class Rewritten(TypedDict):
    """A value as the program gave it and as Incus keeps it."""

    declared: str
    became: str


class Owned(TypedDict, total=False):
    """What Incus did by itself: keys it added, and keys whose value it rewrote."""

    added: dict[str, str]
    rewritten: dict[str, Rewritten]


def own(observed: Config, declared: Config) -> Owned:
    """What Incus made of a config that was just applied."""
    added = {k: v for k, v in observed.items() if k not in declared and not k.startswith(_NEVER_SHOWN)}
    rewritten = {
        key: Rewritten(declared=value, became=observed[key])
        for key, value in declared.items()
        if key in observed and observed[key] != value
    }
    owned: Owned = {}
    if added:
        owned["added"] = added
    if rewritten:
        owned["rewritten"] = rewritten
    return owned


def as_declared(observed: Config, declared: Config, owned: Owned) -> dict[str, str]:
    """The observed config as the program would have written it, so that what is left to differ is drift."""
    added, rewritten = owned.get("added", {}), owned.get("rewritten", {})
    seen = {}
    for key, value in observed.items():
        if key in rewritten and rewritten[key]["became"] == value:
            seen[key] = rewritten[key]["declared"]
        elif key in declared or (not key.startswith(_NEVER_SHOWN) and added.get(key) != value):
            seen[key] = value
    return seen


def to_send(wanted: Config, current: Config, owned: Owned) -> dict[str, str]:
    """The whole config that makes `wanted` true and keeps, or puts right again, what is Incus' own."""
    untouched = {key: value for key, value in current.items() if key.startswith(_NEVER_SHOWN)}
    rewritten = owned.get("rewritten", {})
    sent = {
        key: rewritten[key]["became"] if key in rewritten and rewritten[key]["declared"] == value else value
        for key, value in wanted.items()
    }
    return {**untouched, **owned.get("added", {}), **sent}
