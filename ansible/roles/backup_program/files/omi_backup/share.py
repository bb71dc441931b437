"""A city's file share on its way to the backup center: the sender's side, which can add and not remove.

Before restic reads the share, a manifest of it is written (sha256, size and time of change of each file) and sent
along; so a restored sample can be held against what was meant to be sent.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omi_backup.files import LONGEST, MANIFEST
from omi_backup.locks import when_free
from omi_backup.record import write
from omi_backup.run import FailedError, last_words, run

LEFT_OUT = 3
"""restic's exit status when it could not read some file; the snapshot is there all the same."""


@dataclass(frozen=True)
class ShareSettings:
    """For dc-file1."""

    shares: Path = Path("/srv/shares")
    credentials: Path = Path("/etc/omi/file-backup")
    """Per city: ``<city>.url`` (with the password of the store's door) and ``<city>.key`` (the repository's)."""
    authority: Path = Path("/etc/omi/pki/authority.pem")
    manifests: Path = Path("/var/lib/omi/manifests")
    cache: Path = Path("/var/cache/omi-restic")
    records: Path = Path("/var/lib/omi/backup")


def push(settings: ShareSettings, city: str) -> tuple[list[str], dict[str, Any]]:
    """Send the city's share. What went wrong, and figures. An empty share is a fault: it was never so."""
    share, manifest = settings.shares / city, settings.manifests / city / MANIFEST
    listed = listing(share)
    if not listed:
        return [f"there is nothing in {share}"], {}
    write(manifest, json.dumps({"city": city, "files": listed}, ensure_ascii=False) + "\n")
    command = restic(
        settings, city, "backup", "--json", "--quiet", "--host", "file", str(share), str(manifest)
    )
    found = {"files": len(listed), "bytes": sum(one["size"] for one in listed.values())}
    try:
        done = when_free(lambda: run(command, seconds=LONGEST), lambda: run(restic(settings, city, "unlock")))
    except FailedError as error:
        return [str(error)], found
    if done.returncode == LEFT_OUT:
        return [f"some files could not be read: {last_words(done)}"], found
    return ([f"restic ended with {done.returncode}: {last_words(done)}"] if done.returncode else []), found


def restic(settings: ShareSettings, city: str, *words: str) -> list[str]:
    """restic on the city's repository over the network, with what this host may know."""
    return [
        "restic",
        "--cacert",
        str(settings.authority),
        "--cache-dir",
        str(settings.cache),
        "--repository-file",
        str(settings.credentials / f"{city}.url"),
        "--password-file",
        str(settings.credentials / f"{city}.key"),
        *words,
    ]


def listing(share: Path) -> dict[str, dict[str, Any]]:
    """Each regular file of the share, by its path inside it. One that goes while we look is left out."""
    listed = {}
    for path in sorted(share.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            seen = path.stat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except FileNotFoundError:
            continue
        listed[str(path.relative_to(share))] = {
            "sha256": digest,
            "size": seen.st_size,
            "mtime_ns": seen.st_mtime_ns,
        }
    return listed
