"""Pulumi's state of the lab: a directory of files, one stack `lab`, and no lock that a killed pulumi left."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from lab.commands import run
from lab.environment import process_environment
from lab.errors import LabError
from lab.files import write_atomically
from lab.paths import LabPaths

STACK = "lab"
SALT = re.compile(r"^encryptionsalt: .*\n?", re.MULTILINE)


@dataclass(frozen=True)
class Lock:
    """A lock file of Pulumi's file backend: the process that made it, on the machine `host`."""

    file: Path
    process: int
    host: str


def is_stale(lock: Lock, is_pulumi: Callable[[int], bool]) -> bool:
    """Whether the pulumi that took a lock is gone; the state never leaves this machine, so its id will do."""
    return not is_pulumi(lock.process)


def is_ready(paths: LabPaths, checkout: Path) -> bool:
    """Whether the stack of the checkout's project is there, not locked, and its configuration free of a salt."""
    return _stack_file(paths, checkout).exists() and not _locks(paths) and not has_salt(checkout)


def make(paths: LabPaths, checkout: Path) -> None:
    """Remove stale locks and make the stack. Raises LabError while a pulumi works on it."""
    for lock in _locks(paths):
        if not is_stale(lock, runs_pulumi):
            raise LabError(
                f"pulumi (process {lock.process}) is at work on the lab", "wait until it has finished"
            )
        lock.file.unlink(missing_ok=True)
        # The file backend keeps the attributes of each object beside it.
        lock.file.with_name(f"{lock.file.name}.attrs").unlink(missing_ok=True)
    if not _stack_file(paths, checkout).exists():
        _make_stack(paths, checkout)
    forget_salt(checkout)


def has_resources(paths: LabPaths, checkout: Path) -> bool:
    """Whether the stack has built anything that is not removed again. A state that cannot be read has."""
    file = _stack_file(paths, checkout)
    if not file.exists():
        return False
    try:
        latest = json.loads(file.read_text(encoding="utf-8"))["checkpoint"].get("latest") or {}
        return bool(latest.get("resources"))
    except (ValueError, LookupError, TypeError, AttributeError):
        return True


def forget_salt(checkout: Path) -> None:
    """Take out of the stack's configuration the salt that pulumi copies there from the state.

    The file is in the repository and the passphrase this machine's: the salt of a lab that was reset would lock the
    next one out, and a checkout would look changed after every `pulumi up`.
    """
    if has_salt(checkout):
        file = config_file(checkout)
        write_atomically(file, without_salt(file.read_text(encoding="utf-8")))


def has_salt(checkout: Path) -> bool:
    """Whether pulumi has put a salt into the stack's configuration."""
    file = config_file(checkout)
    return file.exists() and SALT.search(file.read_text(encoding="utf-8")) is not None


def without_salt(stack_config: str) -> str:
    """The text of a stack's configuration file less the salt."""
    return SALT.sub("", stack_config)


def config_file(checkout: Path) -> Path:
    """The stack's configuration in a checkout."""
    return checkout / f"Pulumi.{STACK}.yaml"


def locked_by(paths: LabPaths) -> int | None:
    """The process of a pulumi at work on the lab, or None."""
    return next((lock.process for lock in _locks(paths) if not is_stale(lock, runs_pulumi)), None)


def runs_pulumi(process: int) -> bool:
    """Whether `process` lives and is a pulumi, not another that was given the number since."""
    try:
        return Path(f"/proc/{process}/comm").read_text(encoding="utf-8").strip() == "pulumi"
    except OSError:
        return False


def project_name(checkout: Path) -> str:
    """The project's name in Pulumi.yaml. Raises LabError when the checkout has none."""
    file = checkout / "Pulumi.yaml"
    if not file.is_file():
        raise LabError(f"there is no {file}", "run omi from the root of the repository")
    return str(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))["name"])


def _make_stack(paths: LabPaths, checkout: Path) -> None:
    """Make the stack from a directory elsewhere.

    `pulumi stack init` writes the salt of the passphrase into the stack's configuration file. That file is
    in the repository and the passphrase is this machine's, so the salt is kept in the state, where pulumi
    looks for it too (PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER).
    """
    with tempfile.TemporaryDirectory(dir=paths.run) as elsewhere:
        project = {"name": project_name(checkout), "runtime": "python"}
        YAML(typ="safe", pure=True).dump(project, Path(elsewhere) / "Pulumi.yaml")
        run(
            ["pulumi", "stack", "init", STACK, "--non-interactive"],
            cwd=Path(elsewhere),
            env=process_environment(paths),
        )


def _stack_file(paths: LabPaths, checkout: Path) -> Path:
    return paths.state / ".pulumi" / "stacks" / project_name(checkout) / f"{STACK}.json"


def _locks(paths: LabPaths) -> list[Lock]:
    locks = []
    for file in sorted((paths.state / ".pulumi" / "locks").rglob("*.json")):
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
            locks.append(Lock(file, int(document["pid"]), str(document.get("hostname", ""))))
        except (ValueError, KeyError):
            # Cut off while it was written: whoever wrote it is gone.
            locks.append(Lock(file, 0, ""))
    return locks
