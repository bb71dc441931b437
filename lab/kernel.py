"""Kernel settings that thirty and more containers need; what was there before is put back by `down`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.files import write_atomically
from lab.paths import LabPaths

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

# All containers share one range of user ids, so what the kernel counts per user it counts over all of them.
# Thirty at once with the defaults: systemd dies in some with 'Too many open files' (inotify instances).
WANTED: Mapping[str, int] = {
    "fs.inotify.max_user_instances": 8192,
    "fs.inotify.max_user_watches": 1_048_576,
    "fs.inotify.max_queued_events": 65_536,
    "kernel.keys.maxkeys": 20_000,  # every systemd has a session keyring: 200 are soon used up
    "kernel.keys.maxbytes": 2_000_000,
    "net.ipv4.neigh.default.gc_thresh3": 8192,  # one table of neighbours for all namespaces of the machine
    "net.ipv6.neigh.default.gc_thresh3": 8192,
}


@dataclass(frozen=True)
class Memory:
    """Values before the lab raised them, valid for one boot of the machine: the next starts from its own."""

    boot: str
    before: Mapping[str, int]


def to_raise(current: Mapping[str, int], wanted: Mapping[str, int] = WANTED) -> dict[str, int]:
    """The settings that are lower than wanted, with the value to set; one that is higher is never lowered."""
    return {name: value for name, value in wanted.items() if name in current and current[name] < value}


def remember(memory: Memory | None, boot: str, current: Mapping[str, int]) -> Memory:
    """What to keep before raising: the first value seen in this boot wins; a later one may be ours."""
    known = memory.before if memory and memory.boot == boot else {}
    return Memory(boot, {**{name: current[name] for name in to_raise(current)}, **known})


def to_restore(
    memory: Memory | None, boot: str, current: Mapping[str, int], wanted: Mapping[str, int] = WANTED
) -> dict[str, int]:
    """The settings to put back: those still at the lab's value; one changed by another hand is left alone."""
    if memory is None or memory.boot != boot:
        return {}
    return {name: value for name, value in memory.before.items() if current.get(name) == wanted.get(name)}


def is_raised() -> bool:
    """Whether every setting this kernel has is at least as high as wanted."""
    return not to_raise(_current())


def raise_settings(paths: LabPaths) -> None:
    """Raise what is too low, having written down what it was: killed in between, nothing is forgotten."""
    current = _current()
    memory = remember(_load(paths.kernel_memory), _boot(), current)
    document = {"boot": memory.boot, "before": dict(memory.before)}
    write_atomically(paths.kernel_memory, json.dumps(document, indent=1) + "\n")
    _set(to_raise(current))


def restore_settings(paths: LabPaths) -> None:
    """Put back what the lab raised in this boot and forget it."""
    _set(to_restore(_load(paths.kernel_memory), _boot(), _current()))
    paths.kernel_memory.unlink(missing_ok=True)


def _current() -> dict[str, int]:
    return {name: int(_file(name).read_text()) for name in WANTED if _file(name).exists()}


def _set(values: Mapping[str, int]) -> None:
    for name, value in values.items():
        _file(name).write_text(str(value))


def _file(name: str) -> Path:
    return Path("/proc/sys") / name.replace(".", "/")


def _boot() -> str:
    return BOOT_ID.read_text().strip()


def _load(file: Path) -> Memory | None:
    if not file.exists():
        return None
    document = json.loads(file.read_text(encoding="utf-8"))
    return Memory(document["boot"], document["before"])
