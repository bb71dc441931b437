"""Ansible lookup: a password by its name, or what the vault holds under one. Why: docs/decisions/0060."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import cache
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

DOCUMENTATION = r"""
name: secret
short_description: A password derived from the vault's master word
description:
  - The same name gives the same password in every run and on every host, and no two names the same one.
  - C(vault:KEY) gives what the vault holds under KEY instead, such as C(vault:authority_certificate).
  - The vault's file is named by the environment variable OMI_VAULT.
options:
  _terms: {description: Names of passwords, such as C(database/konan_tax)., required: true}
  default: {description: What to give for an entry that the vault does not have. An error if there is none.}
"""
RETURN = r"""
_list: {description: "The passwords: 32 characters of base64url each.", type: list, elements: str}
"""


@cache
def vault(loader: Any, path: str) -> dict[str, str]:
    """The vault in clear, in memory only. Raises AnsibleError where there is none."""
    if not path:
        raise AnsibleError("OMI_VAULT names no vault: source .lab/env, or set it to your vault's file")
    content: dict[str, str] = loader.load_from_file(path)
    return content


def derived(master: str, name: str) -> str:
    """The password called ``name``: HMAC-SHA256 of the name, 192 bits of it as 32 characters."""
    digest = hmac.digest(bytes.fromhex(master), name.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:24]).decode()


def entry(held: dict[str, str], name: str, default: str | None) -> str:
    """What the vault holds under ``name``, or the default. Raises AnsibleError where there is neither."""
    if name in held:
        return held[name]
    if default is None:
        raise AnsibleError(f"the vault has no entry {name}")
    return default


class LookupModule(LookupBase):
    """See DOCUMENTATION."""

    def run(self, terms: list[str], *_variables: Any, **options: Any) -> list[str]:
        """A password, or a vault's entry, for each name."""
        held = vault(self._loader, os.environ.get("OMI_VAULT", ""))
        return [
            entry(held, name.removeprefix("vault:"), options.get("default"))
            if name.startswith("vault:")
            else derived(held["master"], name)
            for name in terms
        ]
