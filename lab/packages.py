"""The Debian packages the lab needs, told by the programs they bring: what is there is left alone."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from lab import apt_sources
from lab.commands import SEARCH_PATH, find_program, follow, run
from lab.errors import LabError
from lab.paths import LabPaths

BACKPORTS_FILE = Path("/etc/apt/sources.list.d/omi-lab-backports.sources")


@dataclass(frozen=True)
class Need:
    """A program and the Debian package that brings it."""

    program: str
    package: str


NEEDS = (
    Need("incusd", "incus-base"),
    Need("incus", "incus-client"),
    Need("mkfs.btrfs", "btrfs-progs"),
    Need("newuidmap", "uidmap"),
    Need("dnsmasq", "dnsmasq-base"),
    Need("mksquashfs", "squashfs-tools"),
    Need("mmdebstrap", "mmdebstrap"),
    Need("nft", "nftables"),
    Need("ip", "iproute2"),
    Need("nc", "netcat-openbsd"),
    Need("ssh", "openssh-client"),
    Need("tini", "tini"),
    Need("losetup", "mount"),
    Need("nsenter", "util-linux"),
    Need("xz", "xz-utils"),
    Need(
        "chromium-headless-shell", "chromium-headless-shell"
    ),  # the tests look at the reports as a reader does
)
# Only to build pulumi, and only where no Go from 1.21 on is. Debian 12's own is older; the one in its backports
# is not on PATH, so it changes nobody's Go.
BOOKWORM_GO = Need("/usr/lib/go-1.23/bin/go", "golang-1.23-go")
DEBIAN_GO = Need("go", "golang-go")


def missing(needs: Iterable[Need], find: Callable[[str], str | None] = find_program) -> list[str]:
    """Packages of those needs whose program is not on this machine, in the order given."""
    return [need.package for need in needs if find(need.program) is None]


def go_of(release: str) -> Need:
    """The Go to install on a Debian release, by its code name, where there is none that will do."""
    return BOOKWORM_GO if release == "bookworm" else DEBIAN_GO


def install(paths: LabPaths, needs: Iterable[Need], detail: Callable[[str], None]) -> None:
    """Install what is missing from the machine's own archive; its backports are added only where needed.

    Packages that are there keep their version. Raises LabError where there is no Debian, or apt fails.
    """
    wanted = missing(needs)
    if not wanted:
        return
    log = paths.logs / "apt.log"
    if run(["dpkg", "--audit"]).strip():
        detail("finishing what an interrupted dpkg left")
        follow(["dpkg", "--configure", "-a"], log, detail, env=_apt_environment())
    _apt(["update"], log, detail)
    if not all(_has_candidate(package) for package in wanted):
        declare_backports()
        _apt(["update"], log, detail)
    _apt(["install", "--yes", "--no-install-recommends", *wanted], log, detail)


def declare_backports() -> None:
    """Tell apt of the backports of this machine's own archive, in a file of the lab's own.

    Backports have a low priority of their own accord: no package already here changes because of them.
    """
    why = "Made by `omi lab up`: Incus is not in this release of Debian itself, but in its backports."
    release = machine_release()
    stanza = apt_sources.deb822(machine_archive().main, f"{release}-backports", why)
    BACKPORTS_FILE.write_text(stanza, encoding="utf-8")


def machine_archive() -> apt_sources.DebianArchive:
    """The Debian archive this machine uses. Raises LabError where there is none."""
    release = machine_release()
    archive = apt_sources.debian_archive(apt_sources.read(), release)
    if archive is None:
        raise LabError(
            f"no archive of Debian {release} was found in /etc/apt",
            "add Debian's own archive to the apt sources",
        )
    return archive


def machine_release() -> str:
    """Code name of the Debian release this machine runs. Raises LabError where it is not Debian."""
    system = platform.freedesktop_os_release()
    if system.get("ID") != "debian" or not system.get("VERSION_CODENAME"):
        raise LabError(
            f"this machine runs {system.get('PRETTY_NAME', 'another system')}", "use Debian 12 or later"
        )
    return system["VERSION_CODENAME"]


def _has_candidate(package: str) -> bool:
    policy = run(["apt-cache", "policy", package], env=_apt_environment())
    return any("Candidate:" in line and "(none)" not in line for line in policy.splitlines())


def _apt(arguments: list[str], log: Path, detail: Callable[[str], None]) -> None:
    # Another apt may be at work (a timer, or one that an `omi lab up` killed half-way left): wait for it.
    wait = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3", "-q"]
    follow(["apt-get", *wait, *arguments], log, detail, env=_apt_environment())


def _apt_environment() -> dict[str, str]:
    return {**os.environ, "PATH": SEARCH_PATH, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
