"""Where everything of the lab lives: one directory outside any checkout, so every checkout finds it whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

DEFAULT_ROOT = Path("/var/lib/omi-lab")

# A unix socket's path may have 107 characters (unix(7)); the longest of the lab's own are ssh's control
# sockets: `run/ssh/` (9 with the slash), 40 of hash, 17 of the suffix ssh adds while it makes one.
LONGEST_ROOT = 107 - 9 - 40 - 17


@dataclass(frozen=True)
class LabPaths:
    """The lab's places, all derived from its root directory and nothing else."""

    root: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> LabPaths:
        """The root is /var/lib/omi-lab, or what OMI_LAB_DIR says.

        Raises LabError for a path that is relative, too long for unix sockets, or a system directory itself.
        """
        value = (os.environ if environ is None else environ).get("OMI_LAB_DIR", "")
        root = Path(os.path.normpath(value)) if value else DEFAULT_ROOT
        if not root.is_absolute():
            raise LabError(f"OMI_LAB_DIR is {value!r}", "give an absolute path, or unset it")
        if len(str(root)) > LONGEST_ROOT:
            raise LabError(
                f"OMI_LAB_DIR has {len(str(root))} characters",
                f"use at most {LONGEST_ROOT}: sockets live there",
            )
        if len(root.parts) < 3:
            # `reset` removes the root with all that is in it: `/` or `/var` must never be it.
            raise LabError(f"OMI_LAB_DIR is {root}", "give a directory of its own, such as /srv/omi-lab")
        return cls(root)

    @property
    def netns(self) -> str:
        """Name of the network namespace: `omi`, or one that follows from the root: no two labs share one."""
        if self.root == DEFAULT_ROOT:
            return "omi"
        return "omi-" + hashlib.sha256(str(self.root).encode()).hexdigest()[:6]

    @property
    def netns_file(self) -> Path:
        return Path("/run/netns") / self.netns

    @property
    def cgroup(self) -> str:
        """Name of the control group that holds all of the lab's processes."""
        return f"lab-{self.netns}"

    @property
    def identity(self) -> Path:
        return self.root / "lab.json"

    @property
    def incus(self) -> Path:
        return self.root / "incus"

    @property
    def incus_socket(self) -> Path:
        return self.incus / "unix.socket"

    @property
    def incus_client(self) -> Path:
        return self.root / "incus-client"

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def image_index(self) -> Path:
        return self.images / "index.json"

    @property
    def debs(self) -> Path:
        return self.root / "debs"

    @property
    def pulumi(self) -> Path:
        return self.root / "pulumi"

    @property
    def pulumi_bin(self) -> Path:
        return self.pulumi / "bin"

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def passphrase(self) -> Path:
        return self.state / "passphrase"

    @property
    def ssh_key(self) -> Path:
        return self.root / "ssh" / "id_ed25519"

    @property
    def ssh_public_key(self) -> Path:
        return self.root / "ssh" / "id_ed25519.pub"

    @property
    def vault(self) -> Path:
        return self.root / "vault" / "vault.yml"

    @property
    def vault_password(self) -> Path:
        return self.root / "vault" / "password"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def ssh_control(self) -> Path:
        return self.run / "ssh"

    @property
    def kernel_memory(self) -> Path:
        return self.run / "kernel.json"

    @property
    def logs(self) -> Path:
        return self.root / "logs"
