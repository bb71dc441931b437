"""Bringing the lab up, from a bare machine to a daemon that waits for `pulumi up`, in twelve stages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lab import (
    daemon,
    environment,
    image_spec,
    images,
    kernel,
    keys,
    namespace,
    packages,
    pulumi_state,
    pulumi_tool,
    storage,
    unpacked,
    vault,
)
from lab.lock import exclusive
from lab.paths import LabPaths
from lab.privilege import require_root
from lab.stage import Report, Stage, StageResult, run_stages


def prepare(hosts: Iterable[tuple[str, str]], checkout: Path, report: Report) -> list[StageResult]:
    """Bring up everything that `pulumi up` and `ansible-playbook` need; a second run changes nothing.

    hosts: (name, management address) of every host of the plan. checkout: the repository's root.
    Raises LabError when the machine is not fit, when not run by root, or while another omi is at work.
    """
    require_root()
    paths = LabPaths.from_environment()
    known = list(hosts)
    with exclusive(paths):
        for directory in (paths.run, paths.logs):
            directory.mkdir(exist_ok=True)
        return run_stages(stages(paths, known, checkout), report)


def stages(paths: LabPaths, hosts: list[tuple[str, str]], checkout: Path) -> list[Stage]:
    """The stages in the order in which each needs the ones before it."""
    specs = image_spec.load()
    needs = list(packages.NEEDS)
    if pulumi_tool.needs_go(paths):
        needs.append(packages.go_of(packages.machine_release()))
    sight = daemon.Sight(runs=True, answers=True, at_home=True)
    return [
        Stage(
            "packages", lambda: not packages.missing(needs), lambda say: packages.install(paths, needs, say)
        ),
        Stage("pulumi", lambda: pulumi_tool.is_ready(paths), lambda say: pulumi_tool.build(paths, say)),
        Stage("kernel", kernel.is_raised, lambda _say: kernel.raise_settings(paths)),
        Stage("namespace", lambda: namespace.is_ready(paths), lambda _say: namespace.make(paths)),
        Stage("daemon", lambda: daemon.look(paths) == sight, lambda say: daemon.bring_up(paths, say)),
        Stage("storage", lambda: storage.is_ready(paths), lambda _say: storage.make(paths)),
        Stage("unpacked", lambda: unpacked.are_whole(paths), lambda _say: unpacked.drop_unfinished(paths)),
        Stage("keys", lambda: keys.are_ready(paths), lambda _say: keys.make(paths)),
        Stage("vault", lambda: vault.is_ready(paths), lambda _say: vault.make(paths)),
        Stage("images", lambda: images.are_ready(paths, specs), lambda say: images.make(paths, specs, say)),
        Stage(
            "state",
            lambda: pulumi_state.is_ready(paths, checkout),
            lambda _say: pulumi_state.make(paths, checkout),
        ),
        Stage(
            "environment",
            lambda: environment.is_ready(paths, hosts, checkout),
            lambda _say: environment.write(paths, hosts, checkout),
        ),
    ]
