"""Building one image: packages into a tree, the declared files over it, all packed into two files.

The packages that every kind has are installed once, into the base tree. Each kind starts from a copy of it.
"""

from __future__ import annotations

import io
import os
import shlex
import shutil
import tarfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from lab.commands import SEARCH_PATH, dying_with_us, follow, run
from lab.image_spec import ImageSpec, metadata, template_name
from lab.paths import LabPaths

METADATA, ROOTFS = "metadata.tar.xz", "rootfs.squashfs"

# Nobody reads manuals in a host of the lab; without them an image is a third smaller.
LEFT_OUT = (
    "/usr/share/man/*",
    "/usr/share/doc/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/lintian/*",
)
# Steps of mmdebstrap that are left out: it would stop where everything is fetched or installed already, remove the
# fetched packages, and remove the package lists, which the next tree is built from.
KEPT = ("download/empty", "essential/unlink", "cleanup/apt")
# dpkg waits for the disk after every file. An image is whole or not there: a power cut costs the build either way.
NO_SYNC = '"$1"/etc/dpkg/dpkg.cfg.d/no-sync'
NO_SYNC_BEGIN, NO_SYNC_END = f"echo force-unsafe-io > {NO_SYNC}", f"rm {NO_SYNC}"
# Debian's names of architectures, as Incus calls them.
ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}


@dataclass(frozen=True)
class Bench:
    """What all builds of one run share: the apt `sources`, and the base tree once there is one.

    `base` is the tree with the packages that every kind has; None while that tree itself is built.
    """

    paths: LabPaths
    release: str
    sources: Sequence[str]
    base: Path | None = None


def build_base(packages: Sequence[str], bench: Bench, workshop: Path, detail: Callable[[str], None]) -> Path:
    """Install `packages` into a new tree in the empty directory `workshop`, and return the tree.

    The package lists stay in the tree: what starts from it installs from the same lists, and fetches none.
    Raises LabError when a package cannot be had.
    """
    detail("base: installing packages")
    return _install("base", packages, bench, workshop)


def build(spec: ImageSpec, bench: Bench, workshop: Path, detail: Callable[[str], None]) -> None:
    """Build `spec` into METADATA and ROOTFS in the empty directory `workshop`, starting from the base tree.

    Raises LabError when a package cannot be had or a unit does not exist.
    """
    detail(f"{spec.kind}: installing packages")
    tree = _install(spec.kind, spec.layer.packages, bench, workshop)
    _empty(tree / "var/lib/apt/lists")
    detail(f"{spec.kind}: files and services")
    apply_layer(spec, tree)
    detail(f"{spec.kind}: packing")
    squeeze: list[str | Path] = ["mksquashfs", tree, workshop / ROOTFS, "-noappend", "-no-progress", "-quiet"]
    # Level 3 packs in a sixth of the default's time; the pool unpacks it once, so size matters little.
    packing = dying_with_us([*squeeze, "-comp", "zstd", "-Xcompression-level", "3"])
    follow(packing, _log(bench, spec.kind), lambda _line: None)
    architecture = ARCHITECTURES[run(["dpkg", "--print-architecture"]).strip()]
    write_metadata(spec, architecture, int(time.time()), workshop / METADATA)
    shutil.rmtree(tree)


def apply_layer(spec: ImageSpec, tree: Path) -> None:
    """Put the declared files into `tree`, remove what is to go, and set up its units."""
    for pattern in spec.layer.remove:
        for path in tree.glob(pattern.lstrip("/")):
            _remove(path)
    for name, content in spec.layer.files.items():
        file = tree / name.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        # A package may have put a link there, and writing through it could leave the tree.
        _remove(file)
        file.write_text(content, encoding="utf-8")
        file.chmod(0o644)
    for order in ("disable", "mask", "enable"):
        units = getattr(spec.layer, order)
        if units:
            run(["chroot", tree, "systemctl", order, *units])


def write_metadata(spec: ImageSpec, architecture: str, created: int, file: Path) -> None:
    """Write the metadata half of an image: metadata.yaml and the templates."""
    document = io.StringIO()
    YAML(typ="safe", pure=True).dump(metadata(spec, architecture, created), document)
    members = {"metadata.yaml": document.getvalue()}
    for path, template in spec.layer.templates.items():
        members[f"templates/{template_name(path)}"] = template.content
    with tarfile.open(file, "w:xz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content.encode())
            archive.addfile(entry, io.BytesIO(content.encode()))


def _install(name: str, packages: Sequence[str], bench: Bench, workshop: Path) -> Path:
    """Install `packages` into a tree in `workshop` and put what was fetched for it where other builds find it."""
    tree, known = workshop / "tree", workshop / "known-debs"
    take_packages(bench.paths.debs, known)
    # In the workshop, what a killed mmdebstrap leaves of its own goes with all the rest.
    environment = {**os.environ, "PATH": SEARCH_PATH, "TMPDIR": str(workshop)}
    command = dying_with_us(_bootstrap(packages, bench, tree, known))
    follow(command, _log(bench, name), lambda _line: None, env=environment)
    cache = tree / "var/cache/apt"
    keep_packages(cache / "archives", bench.paths.debs)
    for file in cache.glob("*.bin"):
        file.unlink()
    return tree


def _bootstrap(packages: Sequence[str], bench: Bench, tree: Path, known: Path) -> list[str]:
    """The mmdebstrap command. It runs the same over a copy of the base as over an empty tree.

    There it finds the package lists, which it then does not fetch again, and installs what is still missing.
    """
    hooks = [f"--setup-hook={script}" for script in setup_scripts(known, bench.base)]
    excluded = [f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT]
    kept = [f"--skip={step}" for step in KEPT]
    include = f"--include={','.join(packages)}"
    basis = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory"]
    after = [f"--customize-hook={NO_SYNC_END}"]
    return [*basis, *kept, *excluded, *hooks, *after, include, bench.release, str(tree), *bench.sources]


def setup_scripts(known: Path, base: Path | None) -> list[str]:
    """The hooks (shell commands, with the tree as $1) that prepare a tree before anything is installed."""
    copying = [copy_of(base)] if base else []
    return [*copying, hand_over(known), NO_SYNC_BEGIN]


def copy_of(base: Path) -> str:
    """The hook that copies the `base` tree into the new one. A link in place of a copy could change the base:
    some packages' scripts write into files that are there. File systems that can share blocks do."""
    return f'cp --archive --reflink=auto {shlex.quote(str(base))}/. "$1"/'


def take_packages(debs: Path, known: Path) -> None:
    """Link the packages that are in `debs` now into the new directory `known`.

    Another build may bring in its own meanwhile, each by one rename; what is linked stays the whole package it was.
    """
    debs.mkdir(parents=True, exist_ok=True)
    known.mkdir()
    for package in sorted(debs.glob("*.deb")):
        _link(package, known / package.name)


def _link(package: Path, new: Path) -> None:
    """Link `package` as `new`. Where another build replaces it in that moment, link(2) finds the old one gone."""
    while package.exists() and not new.exists():
        with suppress(FileNotFoundError):
            new.hardlink_to(package)


def keep_packages(archives: Path, debs: Path) -> None:
    """Move the packages in `archives` to `debs`, those that were taken from there included."""
    for package in archives.glob("*.deb"):
        package.replace(debs / package.name)
        # rename(2) does nothing where both names are links to one file, as of a package that was taken
        package.unlink(missing_ok=True)


def hand_over(known: Path) -> str:
    """The hook that moves what is in `known` to where apt looks first."""
    archives = '"$1"/var/cache/apt/archives'
    taken = shlex.quote(str(known))
    return f"mkdir -p {archives} && find {taken} -type f -exec mv -t {archives} {{}} + && rmdir {taken}"


def _log(bench: Bench, name: str) -> Path:
    return bench.paths.logs / f"image-{name}.log"


def _empty(directory: Path) -> None:
    for entry in directory.iterdir():
        _remove(entry)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
