"""A shell on a host of the lab."""

from __future__ import annotations

from pathlib import Path

from lab import environment
from lab.errors import LabError


def shell_command(host: str, checkout: Path) -> list[str]:
    """The command that opens a shell on `host`; add words to run them there instead.

    Raises LabError when the checkout's ssh_config is missing or does not know the host; it names those known.
    """
    config = checkout / environment.DIRECTORY / "ssh_config"
    if not config.is_file():
        raise LabError(f"there is no {config}", "run `omi lab up`")
    known = hosts_of(config.read_text(encoding="utf-8"))
    if host not in known:
        raise LabError(f"the lab has no host {host!r}", f"choose one of: {', '.join(known) or 'none yet'}")
    return ["ssh", "-F", str(config), host]


def hosts_of(ssh_config: str) -> list[str]:
    """The hosts an ssh_config names, in its order."""
    names = [
        line.removeprefix("Host ").strip() for line in ssh_config.splitlines() if line.startswith("Host ")
    ]
    return [name for name in names if "*" not in name]
