"""Passwords by name, for what stands outside Ansible: the same that `lookup('secret', name)` gives (decision 60).

Ansible's plugin has to stand alone, so the rule is written twice; a test holds both together.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from ansible.constants import DEFAULT_VAULT_IDENTITY
from ansible.parsing.vault import VaultLib, VaultSecret
from ruamel.yaml import YAML

from lab.errors import LabError
from lab.paths import LabPaths


def derived(master: str, name: str) -> str:
    """The password called ``name``: HMAC-SHA256 of the name, 192 bits of it as 32 characters."""
    digest = hmac.digest(bytes.fromhex(master), name.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:24]).decode()


def master(paths: LabPaths) -> str:
    """The vault's master word, in memory only. Raises LabError where there is no vault."""
    return vault(paths)["master"]


def vault(paths: LabPaths) -> dict[str, str]:
    """The vault in clear, in memory only. Raises LabError where there is none."""
    try:
        password = paths.vault_password.read_bytes().strip()
        sealed = paths.vault.read_bytes()
    except OSError as error:
        raise LabError(f"the vault cannot be read: {error.strerror}", "run `omi lab up` as root") from None
    opened = VaultLib([(DEFAULT_VAULT_IDENTITY, VaultSecret(password))]).decrypt(sealed)
    content: dict[str, str] = YAML(typ="safe", pure=True).load(opened.decode())
    return content
