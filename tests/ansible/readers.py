"""The readers of role metrics: programs that lie beside what they share."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

LIBRARY = Path(__file__).parents[2] / "ansible/roles/metrics/files/usr/local/lib/omi-metrics"


def program(name: str) -> Path:
    """Where a reader is."""
    return LIBRARY / f"{name}.py"


def functions(name: str) -> dict[str, Any]:
    """A reader's functions."""
    sys.path.insert(0, str(LIBRARY))
    try:
        return runpy.run_path(str(program(name)))
    finally:
        sys.path.remove(str(LIBRARY))
