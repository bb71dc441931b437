"""Taking the lab down, and removing it: both leave the machine as it was found, installed packages apart.

The packages stay, and with them the apt source they came from: without it they would get no security fixes.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from lab import daemon, environment, kernel, namespace, pulumi_state
from lab.lock import exclusive
from lab.paths import LabPaths
from lab.privilege import require_root
from lab.stage import Report, Stage, StageResult, run_stages


def down(report: Report) -> list[StageResult]:
    """Stop the lab: hosts, daemon, namespace; kernel settings as before. What it holds stays.

    Raises LabError when not run by root, while another omi is at work, or when something cannot be ended.
    """
    require_root()
    paths = LabPaths.from_environment()
    if is_nowhere(paths):
        return []
    with exclusive(paths):
        return run_stages(stages(paths), report)


def reset(checkout: Path, report: Report) -> list[StageResult]:
    """Stop the lab and remove it whole: hosts, images, keys, Pulumi and its state, the checkout's `.lab`.

    Raises what `down` raises.
    """
    require_root()
    paths = LabPaths.from_environment()
    if is_nowhere(paths):
        return []
    with exclusive(paths):
        generated = checkout / environment.DIRECTORY
        results = run_stages([*stages(paths), _removal(paths.root), _removal(generated)], report)
        pulumi_state.forget_salt(checkout)
        return results


def is_nowhere(paths: LabPaths) -> bool:
    """Whether there is no lab at all; its directory alone may have been removed by some hand."""
    return not paths.root.exists() and not paths.netns_file.exists() and daemon.is_gone(paths)


def stages(paths: LabPaths) -> list[Stage]:
    """What `down` does, in the reverse order of `up`."""
    return [
        Stage("daemon", lambda: daemon.is_gone(paths), lambda say: daemon.stop(paths, say)),
        Stage("namespace", lambda: not paths.netns_file.exists(), lambda _say: namespace.remove(paths)),
        Stage(
            "kernel", lambda: not paths.kernel_memory.exists(), lambda _say: kernel.restore_settings(paths)
        ),
    ]


def _removal(directory: Path) -> Stage:
    return Stage(f"remove {directory}", lambda: not directory.exists(), lambda _say: shutil.rmtree(directory))
