"""Building one image: packages into a tree, the declared files over it, all squeezed into two files."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import tarfile
import time
from collections.abc import Callable, Sequence
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
# Debian's names of architectures, as Incus calls them.
ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}


def build(
    spec: ImageSpec, sources: Sequence[str], workshop: Path, paths: LabPaths, detail: Callable[[str], None]
) -> None:
    """Build `spec` from the apt `sources` into METADATA and ROOTFS in the empty directory `workshop`.

    Else only `debs`, its packages, is left in `workshop`. Raises LabError when a package cannot be had or a unit
    does not exist.
    """
    tree, log = workshop / "tree", paths.logs / f"image-{spec.kind}.log"
    detail(f"{spec.kind}: installing packages")
    # In the workshop, what a killed mmdebstrap leaves of its own goes with all the rest.
    environment = {**os.environ, "PATH": SEARCH_PATH, "TMPDIR": str(workshop)}
    bootstrap = dying_with_us(_bootstrap(spec, sources, tree, paths.debs))
    follow(bootstrap, log, lambda _line: None, env=environment)
    detail(f"{spec.kind}: files and services")
    apply_layer(spec, tree)
    detail(f"{spec.kind}: packing")
    squeeze: list[str | Path] = ["mksquashfs", tree, workshop / ROOTFS, "-noappend", "-no-progress", "-quiet"]
    # Level 3 packs in a sixth of the default's time; the pool unpacks it once, so size matters little.
    follow(dying_with_us([*squeeze, "-comp", "zstd", "-Xcompression-level", "3"]), log, lambda _line: None)
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


def _bootstrap(spec: ImageSpec, sources: Sequence[str], tree: Path, debs: Path) -> list[str]:
    """The mmdebstrap command. Packages once fetched are kept in `debs` for other images and other times."""
    fetched, known = tree.with_name("debs"), tree.with_name("known-debs")
    fetched.mkdir()
    take_packages(debs, known)
    hooks = [
        f"--setup-hook={hand_over(known)}",
        f"--customize-hook=sync-out /var/cache/apt/archives {fetched}",
    ]
    excluded = [f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT]
    kept = ["--skip=download/empty", "--skip=essential/unlink"]
    include = f"--include={','.join(spec.layer.packages)}"
    basis = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory"]
    return [*basis, *kept, *excluded, *hooks, include, spec.release, str(tree), *sources]


def take_packages(debs: Path, known: Path) -> None:
    """Copy the packages that are in `debs` now into the new directory `known`.

    Another build may bring in its own meanwhile, each by one rename. So whatever is opened is a whole package and
    stays so; but tar and cp give up on a file that is replaced under them, and a hard link changes its time then.
    """
    debs.mkdir(parents=True, exist_ok=True)
    known.mkdir()
    for package in sorted(debs.glob("*.deb")):
        shutil.copyfile(package, known / package.name)


def hand_over(known: Path) -> str:
    """The hook (a shell command, with the tree as $1) that moves what is in `known` to where apt looks first."""
    archives = '"$1"/var/cache/apt/archives'
    taken = shlex.quote(str(known))
    return f"mkdir -p {archives} && find {taken} -type f -exec mv -t {archives} {{}} + && rmdir {taken}"


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
