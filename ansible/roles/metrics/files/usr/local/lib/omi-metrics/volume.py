"""Write how full a host's volumes are where node_exporter reads it, again and again.

volume.py PLAN FILE    PLAN: JSON, a list of {path, bytes}; FILE: what is written

node_exporter asks the file system, and that may know of no end: where a quota inside a larger one makes the volume,
its free bytes are the larger one's. There the files are counted, against the size that is declared.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textfile import INTERVAL, exposition, write

OWN = 1.1
"""A file system of at most so much of the volume's declared size ends where the volume does."""
SECTOR = 512
"""Bytes of what st_blocks counts, on every file system."""
ABOUT = {
    "omi_volume_bytes": ("gauge", "How large the volume is declared."),
    "omi_volume_used_bytes": ("gauge", "How much of it is used."),
}
"""Metric to its type and what it says."""


def allocated(folder: Path) -> Iterator[int]:
    """Bytes of each file that is there. One that goes while it is looked at takes none."""
    for above, _, names in os.walk(folder):
        for name in names:
            try:
                yield (Path(above) / name).lstat().st_blocks * SECTOR
            except FileNotFoundError:
                continue


def used(volume: dict[str, Any]) -> int:
    """Bytes. Raises OSError."""
    whole = os.statvfs(volume["path"])
    if whole.f_blocks * whole.f_frsize <= OWN * volume["bytes"]:
        return (whole.f_blocks - whole.f_bavail) * whole.f_frsize
    return sum(allocated(Path(volume["path"])))


def text(plan: list[dict[str, Any]]) -> str:
    """The readings as node_exporter reads them. Raises OSError where a volume is not there."""
    values = {
        "omi_volume_bytes": [one["bytes"] for one in plan],
        "omi_volume_used_bytes": list(map(used, plan)),
    }
    labels = [{"mountpoint": volume["path"]} for volume in plan]
    return exposition(ABOUT, {metric: zip(labels, values[metric], strict=True) for metric in ABOUT})


def main(arguments: list[str]) -> int:
    """See the module's head. It ends only with the unit, which starts it again where a volume is not there."""
    plan, file = json.loads(Path(arguments[0]).read_text()), Path(arguments[1])
    while True:
        write(file, text(plan))
        time.sleep(INTERVAL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
