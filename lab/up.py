"""Bringing the lab up, from a bare machine to a daemon that waits for `pulumi up`: stages, and what each needs."""

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
from lab.schedule import run_side_by_side
from lab.stage import Report, Stage, StageResult


def prepare(
    hosts: Iterable[tuple[str, str]], checkout: Path, report: Report, beside: Iterable[Stage] = ()
) -> list[StageResult]:
    """Bring up everything that `pulumi up` and `ansible-playbook` need; a second run changes nothing.

    hosts: (name, management address) of every host of the plan. checkout: the repository's root. beside: stages of
    the caller's own that run side by side with these. Raises LabError when the machine is not fit, when not run by
    root, or while another omi is at work.
    """
    require_root()
    paths = LabPaths.from_environment()
    known = list(hosts)
    with exclusive(paths):
        for directory in (paths.run, paths.logs):
            directory.mkdir(exist_ok=True)
        return run_side_by_side([*beside, *stages(paths, known, checkout)], report)


def stages(paths: LabPaths, hosts: list[tuple[str, str]], checkout: Path) -> list[Stage]:
    """The stages in an order in which each needs only ones before it."""
    return [
        *machine_stages(paths),
        *daemon_stages(paths),
        *secret_stages(paths),
        *checkout_stages(paths, hosts, checkout),
    ]


def machine_stages(paths: LabPaths) -> list[Stage]:
    """Packages, and what is built by them for minutes: pulumi and the images."""
    specs = image_spec.load()
    needs = list(packages.NEEDS)
    if pulumi_tool.needs_go(paths):
        needs.append(packages.go_of(packages.machine_release()))
    return [
        Stage(
            "packages", lambda: not packages.missing(needs), lambda say: packages.install(paths, needs, say)
        ),
        Stage(
            "pulumi",
            lambda: pulumi_tool.is_ready(paths),
            lambda say: pulumi_tool.build(paths, say),
            needs=("packages",),
        ),
        Stage(
            "images",
            lambda: images.are_ready(paths, specs),
            lambda say: images.make(paths, specs, say),
            needs=("packages",),
        ),
    ]


def daemon_stages(paths: LabPaths) -> list[Stage]:
    """The running daemon with its pool, and what it runs in."""
    up = daemon.Sight(runs=True, answers=True, at_home=True)
    return [
        Stage("kernel", kernel.is_raised, lambda _say: kernel.raise_settings(paths)),
        Stage(
            "namespace",
            lambda: namespace.is_ready(paths),
            lambda _say: namespace.make(paths),
            needs=("packages",),
        ),
        Stage(
            "daemon",
            lambda: daemon.look(paths) == up,
            lambda say: daemon.bring_up(paths, say),
            needs=("packages", "kernel", "namespace"),
        ),
        Stage(
            "storage", lambda: storage.is_ready(paths), lambda _say: storage.make(paths), needs=("daemon",)
        ),
        Stage(
            "unpacked",
            lambda: unpacked.are_whole(paths),
            lambda _say: unpacked.drop_unfinished(paths),
            needs=("storage",),
        ),
    ]


def secret_stages(paths: LabPaths) -> list[Stage]:
    """The operator's key and passphrase, and the vault."""
    return [
        Stage("keys", lambda: keys.are_ready(paths), lambda _say: keys.make(paths), needs=("packages",)),
        Stage("vault", lambda: vault.is_ready(paths), lambda _say: vault.make(paths)),
    ]


def checkout_stages(paths: LabPaths, hosts: list[tuple[str, str]], checkout: Path) -> list[Stage]:
    """Pulumi's state for this checkout, and the files by which a shell and ssh find the lab."""
    return [
        Stage(
            "state",
            lambda: pulumi_state.is_ready(paths, checkout),
            lambda _say: pulumi_state.make(paths, checkout),
            needs=("pulumi", "keys"),
        ),
        Stage(
            "environment",
            lambda: environment.is_ready(paths, hosts, checkout),
            lambda _say: environment.write(paths, hosts, checkout),
        ),
    ]
