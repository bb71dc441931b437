"""The lab's own secrets: the operator's ssh key pair and the passphrase that protects Pulumi's state."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path

from lab.commands import run
from lab.files import write_atomically
from lab.paths import LabPaths


def are_ready(paths: LabPaths) -> bool:
    """Whether both are there and readable by their owner alone."""
    return (
        all(_is_private(file) for file in (paths.ssh_key, paths.passphrase))
        and paths.ssh_public_key.is_file()
    )


def make(paths: LabPaths) -> None:
    """Make what is missing; a key or passphrase that is there is never changed, only closed to others."""
    for directory in (paths.ssh_key.parent, paths.state):
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o700)
    if not paths.ssh_key.exists():
        # The public half of a lost key would otherwise pass for that of the new one.
        paths.ssh_public_key.unlink(missing_ok=True)
        _make_key(paths.ssh_key)
    paths.ssh_key.chmod(0o600)
    if not paths.ssh_public_key.exists():
        write_atomically(paths.ssh_public_key, run(["ssh-keygen", "-y", "-f", paths.ssh_key]))
    if not paths.passphrase.exists():
        write_atomically(paths.passphrase, secrets.token_urlsafe(32) + "\n", mode=0o600)
    paths.passphrase.chmod(0o600)


def _make_key(file: Path) -> None:
    with tempfile.TemporaryDirectory(dir=file.parent) as workshop:
        new = Path(workshop) / file.name
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "operator of the lab", "-f", new])
        new.replace(file)


def _is_private(file: Path) -> bool:
    return file.is_file() and file.stat().st_mode & 0o077 == 0
