#!/usr/bin/python3
"""Ansible module: a host's key, its certificate and the authority's. Why: docs/decisions/0061."""

from __future__ import annotations

import datetime
import grp
import json
import pwd
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible.module_utils.certificate_files import (
    CLOSED,
    OPEN,
    OWN,
    PENDING,
    File,
    certificate_files,
    existing,
    is_stale,
    put,
    take_effect,
    write,
)

try:
    from ansible.module_utils.certificates import (
        load,
        new_key,
        pem,
        reason_to_sign,
        request_from,
        signing_request,
    )
except ImportError:  # said in Ansible's own way, by main()
    load = None

DOCUMENTATION = r"""
module: certificate
short_description: Keep a host's certificate of the internal authority
description:
  - Makes the private key on the host, where it stays. Says why a certificate must be signed and gives the request
    for it; the action plugin of the same name has it signed on the controller and calls again.
options:
  root: {description: The folder of all certificates., type: path, default: /etc/omi/pki}
  request: {description: As role C(certificate) takes it., type: dict, required: true}
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


def owner_ids(module: AnsibleModule, request: dict[str, Any]) -> tuple[int, int]:
    """Numbers of owner and group; ends the module where the host does not know them."""
    try:
        user, group = pwd.getpwnam(request["owner"]), grp.getgrnam(request["group"])
    except KeyError as error:
        module.fail_json(msg=f"{request['name']}: {error.args[0]}")
    return user.pw_uid, group.gr_gid


def kept(request: dict[str, Any]) -> str:
    """What the host's own renewal must know, as its file."""
    known = {name: request.get(name) for name in ("owner", "group", "reload")}
    return json.dumps(known, indent=1, sort_keys=True) + "\n"


def put_or_tell(module: AnsibleModule, folder: Path, files: list[File], units: list[str]) -> list[str]:
    """Write what differs and have the units read it; in check mode only say what would be written."""
    if module.check_mode:
        return [str(file.path) for file in files if is_stale(file)]
    unread = [str(folder / PENDING)] if (folder / PENDING).exists() else []
    changed = put(folder, files)
    if failed := take_effect(folder, units):
        module.warn(f"{folder.name}: did not reload: {', '.join(failed)}; the next run tries again")
    return changed or unread


def keep(module: AnsibleModule, root: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Key, and certificate if there is one that does: what has changed, or why one must be signed."""
    folder, ids = root / request["name"], owner_ids(module, request)
    key_text, signed = existing(folder / "key.pem"), module.params["certificate"]
    if key_text is None:
        key_text = new_key()
        if not module.check_mode:
            write(File(folder / "key.pem", key_text, CLOSED, ids))
    key, certificate = load(key_text, signed or existing(folder / "certificate.pem"))
    authority, wanted = load(None, module.params["authority"])[1], request_from(request)
    now = datetime.datetime.now(datetime.timezone.utc)  # noqa: UP017 - as everywhere on hosts
    reason = reason_to_sign(certificate, key, wanted, authority, now)
    if reason and signed:
        module.fail_json(msg=f"{request['name']}: the new certificate does not do: {reason}")
    if reason:
        return {
            "changed": True,
            "changed_paths": [],
            "reason": reason,
            "csr": pem(signing_request(key, wanted)),
        }
    files = [
        File(folder / "key.pem", key_text, CLOSED, ids),
        *certificate_files(folder, key_text, pem(certificate), ids),
        File(folder / "authority.pem", module.params["authority"], OPEN, OWN),
        File(folder / "request.json", kept(request), OPEN, OWN),
    ]
    changed = put_or_tell(module, folder, files, request["reload"])
    return {"changed": bool(changed), "changed_paths": changed, "reason": ""}


def main() -> None:
    """Keep the certificate that is asked for."""
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "default": "/etc/omi/pki"},
            "request": {"type": "dict", "required": True},
            "authority": {"type": "str", "required": True},
            "certificate": {"type": "str"},
        },
        supports_check_mode=True,
    )
    if load is None:
        module.fail_json(
            msg="python3-cryptography is not on this host: it belongs into its image (lab/images.yaml)"
        )
    answer = keep(module, Path(module.params["root"]), module.params["request"])
    module.exit_json(**answer)


if __name__ == "__main__":
    main()
