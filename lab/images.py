"""The lab's images: each is built once per definition, kept by its digest, and listed in index.json.

    images/<digest>/{metadata.tar.xz,rootfs.squashfs}
    images/<kind> -> <digest>
    images/index.json   {kind: {digest, metadata, rootfs, fingerprint}}

An image is whole or not there: it is built in a directory of its own and moved into place.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from lab.files import write_atomically
from lab.image_build import METADATA, ROOTFS, Bench, build, build_base
from lab.image_spec import ImageSpec
from lab.packages import machine_archive
from lab.paths import LabPaths

WORKSHOP_PREFIX = ".building-"
BUILDERS = 2  # mostly one process each, unpacking packages


@dataclass(frozen=True)
class BuiltImage:
    """An image on disk. `fingerprint` is the one Incus computes: SHA-256 of the metadata, then the root."""

    digest: str
    metadata: str
    rootfs: str
    fingerprint: str


def to_build(specs: Iterable[ImageSpec], present: Collection[str]) -> list[ImageSpec]:
    """The images whose digest is not among those `present`; of two kinds of the same content, one.

    Those with the most packages come first: two builders that share the work then end at about the same time.
    """
    wanted = {spec.digest: spec for spec in specs if spec.digest not in present}
    return sorted(wanted.values(), key=lambda spec: -len(spec.layer.packages))


def shared_packages(specs: Iterable[ImageSpec]) -> list[str]:
    """The packages that every one of the images has."""
    layers = [set(spec.layer.packages) for spec in specs]
    return sorted(set.intersection(*layers)) if layers else []


def index(paths: LabPaths) -> dict[str, BuiltImage]:
    """The images that index.json lists, by kind; empty before the first build."""
    if not paths.image_index.exists():
        return {}
    document = json.loads(paths.image_index.read_text(encoding="utf-8"))
    return {kind: BuiltImage(**image) for kind, image in document.items()}


def are_ready(paths: LabPaths, specs: Mapping[str, ImageSpec]) -> bool:
    """Whether index.json lists just these images, by their present digests, and their files are there."""
    listed = index(paths)
    return {kind: spec.digest for kind, spec in specs.items()} == {
        kind: image.digest
        for kind, image in listed.items()
        if Path(image.metadata).is_file() and Path(image.rootfs).is_file()
    }


def make(paths: LabPaths, specs: Mapping[str, ImageSpec], detail: Callable[[str], None]) -> None:
    """Build what is missing, list all, and drop images that no kind has any more."""
    paths.images.mkdir(parents=True, exist_ok=True)
    for stale in paths.images.glob(f"{WORKSHOP_PREFIX}*"):
        shutil.rmtree(stale)
    missing = to_build(specs.values(), {entry.name for entry in paths.images.iterdir()})
    if missing:
        _build_all(paths, missing, shared_packages(specs.values()), detail)
    built = {kind: _describe(paths, spec) for kind, spec in specs.items()}
    for kind, image in built.items():
        _point(paths.images / kind, image.digest)
    document = {kind: asdict(image) for kind, image in built.items()}
    write_atomically(paths.image_index, json.dumps(document, indent=1, sort_keys=True) + "\n")
    _drop_all_but(paths, set(built), {image.digest for image in built.values()})


def _build_all(
    paths: LabPaths, missing: list[ImageSpec], shared: list[str], detail: Callable[[str], None]
) -> None:
    """Build the base tree, then `missing` from it, some at a time.

    The base is not kept: packages of last week's lists may be gone from the archive, so it would be fetched
    anew, or fail, just when something is to be built.
    """
    release = missing[0].release
    bench = Bench(paths, release, machine_archive().lines(release))
    workshop = _new_workshop(paths)
    bench = replace(bench, base=build_base(shared, bench, workshop, detail))
    with ThreadPoolExecutor(BUILDERS) as builders:
        # list() so that an error of any of them comes out here
        list(builders.map(lambda spec: _build_into_place(spec, bench, detail), missing))
    shutil.rmtree(workshop)


def _build_into_place(spec: ImageSpec, bench: Bench, detail: Callable[[str], None]) -> None:
    workshop = _new_workshop(bench.paths)
    build(spec, bench, workshop, detail)
    workshop.replace(bench.paths.images / spec.digest)


def _new_workshop(paths: LabPaths) -> Path:
    workshop = Path(tempfile.mkdtemp(prefix=WORKSHOP_PREFIX, dir=paths.images))
    workshop.chmod(0o755)  # apt fetches as a user of its own
    return workshop


def _describe(paths: LabPaths, spec: ImageSpec) -> BuiltImage:
    directory = paths.images / spec.digest
    total = hashlib.sha256()
    for name in (METADATA, ROOTFS):
        with (directory / name).open("rb") as file:
            while block := file.read(1 << 20):
                total.update(block)
    through_kind = paths.images / spec.kind
    return BuiltImage(
        spec.digest, str(through_kind / METADATA), str(through_kind / ROOTFS), total.hexdigest()
    )


def _point(link: Path, digest: str) -> None:
    """Let `link` point to `digest`, without a moment in which it points nowhere."""
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(digest)
    new.replace(link)


def _drop_all_but(paths: LabPaths, kinds: Collection[str], digests: Collection[str]) -> None:
    for entry in paths.images.iterdir():
        if entry.is_symlink() and entry.name not in kinds:
            entry.unlink()
        elif entry.is_dir() and not entry.is_symlink() and entry.name not in digests:
            shutil.rmtree(entry)
