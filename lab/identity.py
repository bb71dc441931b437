"""Which lab this is: an id of its own, and the declaration that it is built from, until its hosts are removed.

`omi lab up` writes `lab.json` before it builds anything. From there the folder of the declaration gets into the
environment of every tool (lab.environment, OMI_INVENTORY), so that all of them speak of one declaration.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.files import write_atomically
from lab.paths import LabPaths


@dataclass(frozen=True)
class Identity:
    """A lab, from its first host to the removal of its last one."""

    id: str
    """Random. A drill's record with another id was made on another lab, or on one that is gone."""
    inventory: str | None
    """Absolute path of the declaration's folder; None: the repository's own."""
    digest: str
    """Of the declaration, as it was when the lab was last brought up; empty where nobody has written it down."""


class OtherDeclarationError(Exception):
    """The lab has hosts of another declaration; to build this one would remove or change them."""

    exit_code = 2

    def __init__(self, found: Identity) -> None:
        folder = found.inventory
        super().__init__(
            f"this lab stands with {folder or 'the declaration of the repository'}; nothing was changed\n"
            f"  to keep it: omi lab up{f' --inventory {folder}' if folder else ', with OMI_INVENTORY not set'}\n"
            "  to build the other one: remove the hosts and all that they hold first, by `omi lab reset`, or by\n"
            "  `. .lab/env && pulumi destroy --yes`, which leaves the images for the next `omi lab up`"
        )


def read(paths: LabPaths) -> Identity | None:
    """The lab's identity; None where there is no lab, none that we may look at, or none that has one."""
    try:
        return Identity(**json.loads(paths.identity.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def decide(found: Identity | None, stands: bool, inventory: str | None, digest: str) -> Identity:
    """The identity of the lab that is to be brought up from the declaration ``inventory`` with this ``digest``.

    stands: whether it has hosts. Without hosts it is a new lab, whatever it was before. With hosts, the declaration
    may change (a city joins), but must not become another one: its folder or its content is still the same.
    Raises OtherDeclarationError.
    """
    if not stands:
        return Identity(secrets.token_hex(8), inventory, digest)
    # Built before labs had an identity: by the repository's declaration, for there was no other way.
    known = found or Identity(secrets.token_hex(8), None, "")
    if inventory != known.inventory and digest != known.digest:
        raise OtherDeclarationError(known)
    return Identity(known.id, inventory, digest)


def write(paths: LabPaths, identity: Identity) -> None:
    """Write it down. It is root's to change and everybody's to read, as the lab's directory is."""
    write_atomically(paths.identity, json.dumps(asdict(identity), indent=1) + "\n")


def folder(paths: LabPaths) -> Path | None:
    """The folder of the declaration that the lab is built from; None: the repository's own, or there is no lab."""
    found = read(paths)
    return Path(found.inventory) if found and found.inventory else None
