"""The storage pool of the lab: btrfs on a sparse loop file, so thirty hosts share the blocks of one image."""

from __future__ import annotations

import os
from typing import Any, Literal

from lab.commands import run
from lab.errors import LabError
from lab.incus import Incus
from lab.paths import LabPaths

POOL = "default"
GIB = 1024**3
SMALLEST, LARGEST = 10, 60  # GiB
KEPT_FREE = 5  # GiB the machine keeps for itself
# The daemon also listens here, inside the namespace only and for known client certificates only: that is
# how a production stack reaches its clusters, and the provider's tests try just that.
HTTPS_ADDRESS = "127.0.0.1:8443"
SERVER = {"core.https_address": HTTPS_ADDRESS, "images.auto_update_interval": "0"}

# What is written need not survive the machine's own power cut, only the hosts'; docs/decisions/0086.
OPTIONS = "user_subvol_rm_allowed,nobarrier"

Step = Literal["keep", "create", "replace"]


def pool_size(free: int) -> int:
    """Size in GiB of the pool's file on a disk with `free` bytes free: half of it, within bounds.

    The file is sparse: it takes what is written. Raises LabError when the disk has no room for the smallest.
    """
    spare = free // GIB - KEPT_FREE
    if spare < SMALLEST:
        raise LabError(
            f"{free / GIB:.1f} GiB are free on the lab's disk",
            f"free {SMALLEST + KEPT_FREE}, or set OMI_LAB_DIR",
        )
    return max(SMALLEST, min(LARGEST, spare // 2))


def next_step(pool: dict[str, Any] | None) -> Step:
    """What to do about the pool as Incus describes it: one that a kill left half-made is made anew.

    Raises LabError for a pool that was whole and has lost its file: its instances are gone with it.
    """
    if pool is None:
        return "create"
    if pool["status"] == "Created":
        return "keep"
    if pool["status"] in {"Pending", "Errored", "Unknown"} and not pool.get("used_by"):
        return "replace"
    raise LabError(
        f"the lab's storage pool is {pool['status'].lower()}", "run `omi lab reset`, then `omi lab up`"
    )


def is_ready(paths: LabPaths) -> bool:
    """Whether the pool is whole and the daemon's settings are in place."""
    with Incus(paths) as incus:
        config = incus.get("/1.0")["config"]
        pool = incus.get(f"/1.0/storage-pools/{POOL}")
    return next_step(pool) == "keep" and SERVER.items() <= config.items()


def make(paths: LabPaths) -> None:
    """Set the daemon's settings and make the pool, removing a half-made one first."""
    with Incus(paths) as incus:
        incus.change("PATCH", "/1.0", {"config": SERVER})
        step = next_step(incus.get(f"/1.0/storage-pools/{POOL}"))
        if step == "replace":
            incus.change("DELETE", f"/1.0/storage-pools/{POOL}")
        if step != "keep":
            (paths.incus / "disks" / f"{POOL}.img").unlink(missing_ok=True)
            disk = os.statvfs(paths.root)
            size = f"{pool_size(disk.f_bavail * disk.f_frsize)}GiB"
            config = {"size": size, "btrfs.mount_options": OPTIONS}
            incus.change("POST", "/1.0/storage-pools", {"name": POOL, "driver": "btrfs", "config": config})


def loop_devices(paths: LabPaths) -> list[str]:
    """Loop devices of this machine that are bound to the pool's file."""
    file = paths.incus / "disks" / f"{POOL}.img"
    if not file.exists():
        return []
    return [line.split(":")[0] for line in run(["losetup", "-j", file]).splitlines()]
