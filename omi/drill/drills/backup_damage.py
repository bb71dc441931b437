"""Bytes of the last backup are flipped, as a tired disk does. Verification and a restore must say so, in words."""

from __future__ import annotations

import shlex

from lab.errors import LabError
from omi.drill import stores
from omi.drill.note import Facts
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.story import Drill, Scene

FLIP = """
import os, sys
path = sys.argv[1]
before = os.stat(path)
with open(path, "r+b") as file:
    file.seek(before.st_size // 2)
    part = file.read(16)
    file.seek(before.st_size // 2)
    file.write(bytes(255 - byte for byte in part))
os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
"""
"""Size and times stay: only the content tells."""


def choose(lab: Lab, _: int) -> Facts:
    """The largest file of the last backup."""
    label = stores.last_backup(lab)
    folder = f"{stores.REPOSITORY}/backup/omi/{label}"
    words = f"find {folder}/pg_data -type f -size +8k -printf '%s %p\\n' | sort -n | tail -1 | cut -d' ' -f2-"
    file = lab.on(stores.host(lab), words).strip()
    if not file:
        raise LabError(f"backup {label} holds no file to damage", "take a full backup on the store")
    return {"backup": label, "file": file}


def fault(lab: Lab, facts: Facts) -> None:
    """Damage it."""
    file = str(facts["file"])
    stores.put_aside(lab, file, keep=True)
    lab.on(stores.host(lab), f"python3 - {shlex.quote(file)}", FLIP)


def observe(scene: Scene) -> Figures:
    """Until verification has found it; then a restore has to refuse."""
    verified, said = stores.told(scene.lab, "verify")
    noticed = None if verified else scene.since_fault()
    scene.lab.say(f"verify: {said[-100:]}")
    restored, said = stores.told(scene.lab, "restore")
    scene.lab.say(f"restore: {said[-100:]}")
    return {
        "noticed": None if restored else noticed,
        "noticed_by_restore": None if restored else scene.since_fault(),
    }


def repair(lab: Lab, facts: Facts) -> None:
    """Give the file back, and let both look again."""
    stores.put_back(lab, str(facts["file"]))
    for verb in ("verify", "restore"):
        well, said = stores.told(lab, verb)
        if not well:
            raise LabError(f"the repository is still damaged: {said[-300:]}", "take a new full backup")
    stores.await_green(lab)


DRILL = Drill("backup-damage", choose, fault, repair, observe)
