"""What the host tells the programs, in a file that Ansible writes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from omi_print.transfer import Server

PATH = "OMI_PRINT"
"""Environment variable that names the settings' file."""


class Settings(NamedTuple):
    """Of the gateway, or of the drop: what is not theirs is empty."""

    folder: Path
    cities: frozenset[str]
    """Gateway: cities that may send."""
    gateways: frozenset[str]
    """Drop: hosts that may hand over."""
    key: Path
    """Gateway: the firm's public key."""
    drop: Server
    """Gateway: where to hand over."""

    @property
    def gnupg(self) -> Path:
        """GnuPG's own folder."""
        return self.folder / "gnupg"


def read(path: Path) -> Settings:
    """The settings in ``path``. Raises OSError, ValueError, KeyError."""
    raw: dict[str, Any] = json.loads(path.read_text())
    drop = raw.get("drop", {"host": "", "port": 0, "certificate": ""})
    return Settings(
        Path(raw["folder"]),
        frozenset(raw.get("cities", [])),
        frozenset(raw.get("gateways", [])),
        Path(raw.get("key", "")),
        Server(drop["host"], drop["port"], Path(drop["certificate"])),
    )


def from_environment() -> Settings:
    """The settings that the unit names."""
    return read(Path(os.environ[PATH]))
