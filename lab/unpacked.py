"""Images as the pool holds them: unpacked once, at the first host of their kind, and copied for every other.

A daemon that is killed while it unpacks keeps what it has, believes it whole, and would start every later host of
that kind from half an image. What tells them apart: Incus makes an image's subvolume read-only as its last step.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lab import daemon
from lab.commands import run
from lab.errors import LabError
from lab.incus import Incus
from lab.paths import LabPaths
from lab.storage import POOL


def unfinished(properties: Mapping[str, str]) -> list[str]:
    """The images, by fingerprint, whose subvolume `btrfs property get` does not show as read-only."""
    return sorted(image for image, shown in properties.items() if shown.strip() != "ro=true")


def are_whole(paths: LabPaths) -> bool:
    """Whether no image in the pool was cut while it was unpacked."""
    return not unfinished(_properties(paths))


def drop_unfinished(paths: LabPaths) -> None:
    """Have Incus forget what was cut: it unpacks the image again when a host next asks for it."""
    with Incus(paths) as incus:
        for image in unfinished(_properties(paths)):
            incus.change("DELETE", f"/1.0/storage-pools/{POOL}/volumes/image/{image}")


def _properties(paths: LabPaths) -> dict[str, str]:
    process = daemon.find(paths)
    if process is None:
        raise LabError("the lab's daemon does not run", "run `omi lab up`")
    # Only the daemon's own mounts show its pool.
    images = Path(f"/proc/{process}/root{paths.incus}/storage-pools/{POOL}/images")
    return {
        image.name: run(["btrfs", "property", "get", "-t", "subvol", image, "ro"])
        for image in images.iterdir()
    }
