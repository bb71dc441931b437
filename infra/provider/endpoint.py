"""The provider's own configuration: which Incus to talk to, and as whom."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.provider.errors import Fault, ProviderError
from infra.provider.values import is_unknown

_TLS_KEYS = ("client_certificate", "client_key", "server_certificate")
KEYS = ("endpoint", *_TLS_KEYS, "project")


@dataclass(frozen=True)
class Endpoint:
    """An Incus server: `address` is the path of a unix socket or an https:// URL without a path."""

    address: str
    project: str
    client_certificate: str = ""
    client_key: str = field(default="", repr=False)
    server_certificate: str = ""

    @property
    def is_unix(self) -> bool:
        return self.address.startswith("/")


def check(config: Mapping[str, Any]) -> list[Fault]:
    """Everything wrong with the provider's configuration. What a preview does not know yet passes."""
    faults = [
        Fault(key, "must be a string")
        for key in KEYS
        if config.get(key) is not None and not isinstance(config[key], str)
    ]
    return faults or [*_address_faults(config), *_tls_faults(config)]


def _address_faults(config: Mapping[str, Any]) -> list[Fault]:
    address = config.get("endpoint")
    if not address:
        return [Fault("endpoint", "is missing; give the path of a unix socket or an https:// URL")]
    if is_unknown(address) or address.startswith("/"):
        return []
    url = urlsplit(address)
    if url.scheme != "https" or not url.hostname or url.path not in ("", "/") or url.query or url.username:
        right = "must be the absolute path of a unix socket or a URL like https://incus.example:8443"
        return [Fault("endpoint", right)]
    return []


def _tls_faults(config: Mapping[str, Any]) -> list[Fault]:
    address = str(config.get("endpoint") or "")
    given = [key for key in _TLS_KEYS if config.get(key)]
    if address.startswith("/"):
        return [Fault(key, "goes with an https:// endpoint only; a unix socket needs none") for key in given]
    if not address.startswith("https://"):
        return []
    needed = ("client_certificate", "client_key")
    return [
        Fault(key, "is missing; Incus knows its clients over https by it")
        for key in needed
        if key not in given
    ]


def parse(config: Mapping[str, Any]) -> Endpoint:
    """The endpoint of a configuration without faults. Raises ProviderError on an unreadable PEM file."""
    pems = {key: _pem(key, config[key]) for key in _TLS_KEYS if config.get(key)}
    return Endpoint(config["endpoint"].rstrip("/"), config.get("project") or "default", **pems)


def _pem(key: str, value: str) -> str:
    if value.lstrip().startswith("-----BEGIN"):
        return value
    try:
        return Path(value).expanduser().read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a PEM file"
        raise ProviderError(
            f"{key} is neither PEM text nor the path of a readable PEM file: {reason}"
        ) from None


def tls(endpoint: Endpoint) -> ssl.SSLContext:
    """TLS as this client, with a server that is who it should be. Raises ProviderError on unusable PEM text.

    A pinned certificate is the only one believed, whatever its name; without one, name and authority count.
    """
    try:
        context = ssl.create_default_context(cadata=endpoint.server_certificate or None)
        context.check_hostname = not endpoint.server_certificate
        _load_client(context, endpoint)
    except (ssl.SSLError, ValueError) as error:
        raise ProviderError(f"the certificates for {endpoint.address} cannot be used: {error}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _load_client(context: ssl.SSLContext, endpoint: Endpoint) -> None:
    """Python reads client keys from files only: an unlinked one in memory keeps the key off the disk."""
    pem = f"{endpoint.client_certificate}\n{endpoint.client_key}\n".encode()
    descriptor = os.memfd_create("incus-client")
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
