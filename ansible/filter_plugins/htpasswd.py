"""Ansible filter: a password as a line of htpasswd keeps it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable


def htpasswd_sha(password: str) -> str:
    """``{SHA}`` and the SHA-1 of ``password``.

    Enough for passwords of 192 random bits, which nobody guesses however fast the hash is; and, having no salt, the
    same in every run.
    """
    return "{SHA}" + base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()  # noqa: S324


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[[str], str]]:
        """Name to filter."""
        return {"htpasswd_sha": htpasswd_sha}
