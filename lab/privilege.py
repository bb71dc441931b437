"""Who may work with the lab."""

from __future__ import annotations

import os

from lab.errors import LabError


def require_root() -> None:
    """Raises LabError for anyone but root: namespaces, mounts, packages and the lab's keys are root's."""
    if os.geteuid() != 0:
        raise LabError("the lab needs root", "run it with sudo, or as root")
