"""The readers of role metrics: programs that lie beside what they share."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

ROLES = Path(__file__).parents[2] / "ansible/roles"
LIBRARY = ROLES / "metrics/files/usr/local/lib/omi-metrics"


def program(name: str, library: Path = LIBRARY) -> Path:
    """Where a reader is."""
    return library / f"{name}.py"


def functions(name: str, library: Path = LIBRARY) -> dict[str, Any]:
    """A reader's functions."""
    sys.path.insert(0, str(library))
    try:
        return runpy.run_path(str(program(name, library)))
    finally:
        sys.path.remove(str(library))
