"""The lab: the same cloud on one machine, under an Incus daemon and in a network namespace of its own."""

from __future__ import annotations

from lab.cgroups import MemoryUse
from lab.errors import LabError
from lab.paths import LabPaths
from lab.shell import shell_command
from lab.stage import Event, Report, StageResult
from lab.survey import LabStatus, status
from lab.teardown import down, reset
from lab.up import prepare

__all__ = [
    "Event",
    "LabError",
    "LabPaths",
    "LabStatus",
    "MemoryUse",
    "Report",
    "StageResult",
    "down",
    "prepare",
    "reset",
    "shell_command",
    "status",
]
