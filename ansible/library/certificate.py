#!/usr/bin/python3
"""Ansible module: a host's key, its certificate and the authority's. Why: docs/decisions/0061."""

from __future__ import annotations

import datetime
import grp
import json
import os
import pwd
import tempfile
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

try:
    from ansible.module_utils.certificates import (
        load,
        new_key,
        pem,
        reason_to_sign,
        request_from,
        signing_request,
    )
except ImportError:  # a host that has no certificate of its own needs no cryptography
    load = None

DOCUMENTATION = r"""
module: certificate
short_description: Keep a host's certificate of the internal authority
description:
  - Makes the private key on the host, where it stays. Says why a certificate must be signed and gives the request
    for it; the action plugin of the same name has it signed on the controller and calls again.
  - Without O(request) only the authority's own certificates are put in place.
options:
  root: {description: The folder of all certificates., type: path, default: /etc/omi/pki}
  request: {description: As role C(certificate) takes it., type: dict}
  authority:
    description: "PEM: the certificates to be trusted, first that of the one who signs."
    type: str
    required: true
  certificate: {description: "PEM: the new certificate, if one has been signed.", type: str}
attributes:
  check_mode: {support: full, description: Says what would change.}
  diff_mode: {support: none}
"""

RETURN = r"""
changed_paths: {description: Paths written, or that would be., type: list, elements: str, returned: success}
reason: {description: Why a certificate must be signed; empty if none must., type: str, returned: success}
csr: {description: "PEM: the request to sign.", type: str, returned: when there is a reason and a key}
"""

CLOSED, OPEN = 0o600, 0o644


def existing(path: Path) -> str | None:
    """What is in the file; None where there is none."""
    return path.read_text() if path.is_file() else None


def write(path: Path, content: str, mode: int, ids: tuple[int, int]) -> None:
    """Replace the file at once; at no moment can others read what is closed to them."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as new:
        new.write(content)
        os.fchown(descriptor, *ids)
        os.fchmod(descriptor, mode)
        new.flush()
        os.fsync(descriptor)
    Path(temporary).replace(path)


def is_stale(path: Path, content: str, mode: int, ids: tuple[int, int]) -> bool:
    """Whether content, mode or owner is another."""
    if existing(path) != content:
        return True
    state = path.stat()
    return (state.st_mode & 0o7777, state.st_uid, state.st_gid) != (mode, *ids)


def owner_ids(module: AnsibleModule, request: dict[str, Any]) -> tuple[int, int]:
    """Numbers of owner and group; ends the module where the host does not know them."""
    try:
        user, group = pwd.getpwnam(request["owner"]), grp.getgrnam(request["group"])
    except KeyError as error:
        module.fail_json(msg=f"{request['name']}: {error.args[0]}")
    return user.pw_uid, group.gr_gid


def kept(request: dict[str, Any]) -> str:
    """What the host's own renewal must know, as its file."""
    known = {name: request.get(name) for name in ("name", "owner", "group", "reload")}
    return json.dumps(known, indent=1, sort_keys=True) + "\n"


def apply(module: AnsibleModule, files: list[tuple[Path, str, int, tuple[int, int]]]) -> list[str]:
    """Write what differs and say which paths those are."""
    stale = [file for file in files if is_stale(*file)]
    if not module.check_mode:
        for file in stale:
            write(*file)
    return [str(file[0]) for file in stale]


def take_effect(module: AnsibleModule, folder: Path, units: list[str], changed: list[str]) -> list[str]:
    """Have the units that use the certificate read it. What a run that was cut short has left is made good."""
    note = folder / ".pending"
    if not changed and not note.exists():
        return changed
    if not module.check_mode:
        note.touch(mode=CLOSED)
        failed = [u for u in units if module.run_command(["systemctl", "try-reload-or-restart", u])[0]]
        if failed:
            module.warn(f"{folder.name}: did not reload: {', '.join(failed)}; the next run tries again")
        else:
            note.unlink()
    return changed or [str(note)]


def with_request(module: AnsibleModule, root: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Key, and certificate if there is one that does: what has changed, or why one must be signed."""
    if load is None:
        module.fail_json(
            msg="python3-cryptography is not on this host: it belongs into its image (lab/images.yaml)"
        )
    folder, ids = root / request["name"], owner_ids(module, request)
    key_text, current = existing(folder / "key.pem"), module.params["certificate"]
    made = key_text is None
    if made:
        key_text = new_key()
        if not module.check_mode:
            write(folder / "key.pem", key_text, CLOSED, ids)
    key, certificate = load(key_text, current or existing(folder / "certificate.pem"))
    authority, wanted = load(None, module.params["authority"])[1], request_from(request)
    now = datetime.datetime.now(datetime.timezone.utc)  # noqa: UP017 - as everywhere on hosts
    reason = reason_to_sign(certificate, key, wanted, authority, now)
    if reason and current:
        module.fail_json(msg=f"{request['name']}: the new certificate does not do: {reason}")
    if reason:
        return {
            "changed": True,
            "changed_paths": [],
            "reason": reason,
            "csr": pem(signing_request(key, wanted)),
        }
    text = pem(certificate)
    if current and not module.check_mode:
        (folder / ".pending").touch(mode=CLOSED)
    changed = apply(
        module,
        [
            (folder / "key.pem", key_text, CLOSED, ids),
            (folder / "authority.pem", module.params["authority"], OPEN, (0, 0)),
            (folder / "bundle.pem", key_text + text, CLOSED, ids),
            (folder / "certificate.pem", text, OPEN, (0, 0)),
            (folder / "request.json", kept(request), OPEN, (0, 0)),
        ],
    )
    changed = take_effect(module, folder, request.get("reload") or [], changed)
    return {"changed": bool(changed), "changed_paths": changed, "reason": ""}


def main() -> None:
    """The authority's certificates always; the host's own if it asks for one."""
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "default": "/etc/omi/pki"},
            "request": {"type": "dict"},
            "authority": {"type": "str", "required": True},
            "certificate": {"type": "str"},
        },
        supports_check_mode=True,
    )
    root = Path(module.params["root"])
    trusted = apply(module, [(root / "authority.pem", module.params["authority"], OPEN, (0, 0))])
    answer: dict[str, Any] = {"changed": False, "changed_paths": [], "reason": ""}
    if module.params["request"]:
        answer = with_request(module, root, module.params["request"])
    answer["changed"] = answer["changed"] or bool(trusted)
    answer["changed_paths"] = [*trusted, *answer["changed_paths"]]
    module.exit_json(**answer)


if __name__ == "__main__":
    main()
