"""What a session host asks of the store of profiles (store.py), over TLS with the host's own certificate."""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
from pathlib import Path
from typing import Any

SILENCE = 20
"""Seconds that the store may take to say anything."""


class StoreError(Exception):
    """The store does not answer, or answers what makes no sense."""


class WrongPasswordError(Exception):
    """The store does not take the password, or does not know the person."""


class LeaseLostError(Exception):
    """Another host has taken the profile over."""


def token(person: str, password: str) -> str:
    """What shows that somebody signs in. The role makes the store's list by the same rule."""
    return hashlib.sha256(f"desktop-profile:{person}:{password}".encode()).hexdigest()


class StoreClient:
    """One request a connection: a store that was restarted is found again by the next."""

    def __init__(self, name: str, port: int, pki: Path) -> None:
        self.name, self.port, self.pki = name, port, pki

    def open(self, person: str, token: str, lease: str | None) -> tuple[str | None, bytes | None]:
        """Key and archive of a profile; (key, None) if this host has it already, (None, None) if another has.

        Raises WrongPasswordError and StoreError.
        """
        asked = {"person": person, "token": token, "lease": lease}
        status, headers, body = self._ask("POST", "/open", json.dumps(asked).encode())
        if status == 403:
            raise WrongPasswordError(person)
        if status == 423:
            return None, None
        if status == 204:
            return lease, None
        if status != 200:
            raise StoreError(f"{status} {body[:80]!r}")
        return headers["X-Lease"], body

    def save(self, person: str, lease: str, archive: bytes) -> None:
        """Write a profile back. Raises LeaseLostError and StoreError."""
        self._demand("PUT", f"/profile/{person}", archive, lease)

    def close(self, person: str, lease: str) -> None:
        """Give a profile back. Raises LeaseLostError and StoreError."""
        self._demand("POST", f"/close/{person}", b"", lease)

    def alive(self, leases: dict[str, str]) -> tuple[list[str], list[str]]:
        """Report what this host has: which of it is lost, which is wanted elsewhere. Raises StoreError."""
        status, _, body = self._ask("POST", "/alive", json.dumps({"leases": leases}).encode())
        if status != 200:
            raise StoreError(f"{status} {body[:80]!r}")
        answer = json.loads(body)
        return answer["lost"], answer["wanted"]

    def _demand(self, method: str, path: str, body: bytes, lease: str) -> None:
        status, _, said = self._ask(method, path, body, lease)
        if status == 409:
            raise LeaseLostError(path)
        if status != 204:
            raise StoreError(f"{status} {said[:80]!r}")

    def _ask(self, method: str, path: str, body: bytes, lease: str = "") -> tuple[int, Any, bytes]:
        connection: http.client.HTTPSConnection | None = None
        try:
            tls = ssl.create_default_context(cafile=str(self.pki / "authority.pem"))
            tls.load_cert_chain(self.pki / "certificate.pem", self.pki / "key.pem")
            connection = http.client.HTTPSConnection(self.name, self.port, timeout=SILENCE, context=tls)
            connection.request(method, path, body, {"X-Lease": lease})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise StoreError(str(error)) from error
        finally:
            if connection is not None:
                connection.close()
