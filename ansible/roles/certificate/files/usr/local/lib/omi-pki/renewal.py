"""A host's certificates: which are due, their renewal by the authority's service, and when each ends."""

from __future__ import annotations

import datetime
import grp
import http.client
import json
import pwd
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from certificate_files import certificate_files, put, take_effect
from certificates import (
    is_due,
    issued_by,
    load,
    pem,
    reason_to_sign,
    request_of,
    signing_request,
    validity,
)
from cryptography import x509

ROOT = Path("/etc/omi/pki")
METRICS = Path("/var/lib/prometheus/node-exporter/certificates.prom")
URGENT = datetime.timedelta(days=14)
"""What ends sooner is an alarm."""
URGENT_AUTHORITY = datetime.timedelta(days=180)
"""Replacing the authority takes preparation."""
PATIENCE = 15
"""Seconds to wait for the authority's service."""
END = "-----END CERTIFICATE-----\n"


class Held(NamedTuple):
    """A certificate of this host; ``name`` is its folder."""

    name: str
    certificate: x509.Certificate


class RenewalError(Exception):
    """The certificate stays as it is, for the reason given."""


def held(root: Path = ROOT) -> list[Held]:
    """The host's own certificates, by name."""
    found = sorted(root.glob("*/certificate.pem"))
    return [Held(path.parent.name, x509.load_pem_x509_certificate(path.read_bytes())) for path in found]


def trusted(text: str) -> list[x509.Certificate]:
    """Every certificate in a file of several."""
    parts = [part + END for part in text.split(END) if part.strip()]
    return [x509.load_pem_x509_certificate(part.encode()) for part in parts]


def renew_all(url: str, now: datetime.datetime, forced: str = "", root: Path = ROOT) -> Iterator[str]:
    """Renew what is due, or the certificate called ``forced``. Yields what went wrong; goes on with the next one."""
    for name, certificate in held(root):
        folder = root / name
        if (forced == name) if forced else (url and is_due(certificate, now)):
            try:
                renew(url, folder, now)
            except (RenewalError, OSError, http.client.HTTPException, ValueError) as error:
                yield f"{name}: not renewed, the next run tries again: {error}"
        known = json.loads((folder / "request.json").read_text())
        for unit in take_effect(folder, known["reload"]):
            yield f"{name}: {unit} did not reload, the next run tries again"


def renew(url: str, folder: Path, now: datetime.datetime) -> None:
    """Get a certificate for the same key and put it in place. Raises RenewalError and what the network raises."""
    key_text = (folder / "key.pem").read_text()
    key, old = load(key_text, (folder / "certificate.pem").read_text())
    assert old is not None  # noqa: S101 - for the type checker
    request = request_of(old)
    new = x509.load_pem_x509_certificate(ask(url, folder, pem(signing_request(key, request))))
    signer = next((a for a in trusted((folder / "authority.pem").read_text()) if issued_by(new, a)), None)
    if signer is None:
        raise RenewalError("the answer is not signed by an authority that this host trusts")
    if reason := reason_to_sign(new, key, request, signer, now):
        raise RenewalError(f"the answer does not do: {reason}")
    known = json.loads((folder / "request.json").read_text())
    ids = (pwd.getpwnam(known["owner"]).pw_uid, grp.getgrnam(known["group"]).gr_gid)
    put(folder, certificate_files(folder, key_text, pem(new), ids))


def ask(url: str, folder: Path, csr: str) -> bytes:
    """What the service answers, asked with the certificate that is to be renewed."""
    context = ssl.create_default_context(cafile=str(folder / "authority.pem"))
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    parts = urlsplit(url)
    connection = http.client.HTTPSConnection(
        str(parts.hostname), parts.port, timeout=PATIENCE, context=context
    )
    try:
        connection.request("POST", parts.path, csr)
        answer = connection.getresponse()
        content = answer.read(65536)
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise RenewalError(f"{answer.status} {content.decode(errors='replace').strip()}")
    return content


def ends(root: Path = ROOT) -> dict[str, datetime.datetime]:
    """When each certificate ends; ``authority`` is the first of those trusted."""
    found = {name: validity(certificate)[1] for name, certificate in held(root)}
    if (root / "authority.pem").is_file():
        found["authority"] = validity(trusted((root / "authority.pem").read_text())[0])[1]
    return found


def urgent(found: dict[str, datetime.datetime], now: datetime.datetime) -> list[str]:
    """A line for each that ends too soon."""
    margin = {name: URGENT_AUTHORITY if name == "authority" else URGENT for name in found}
    return [
        f"{name}: ends {end:%Y-%m-%d %H:%M} UTC" for name, end in found.items() if end - now < margin[name]
    ]


def metrics(found: dict[str, datetime.datetime]) -> str:
    """The ends as node_exporter reads them from a text file; seconds since 1970."""
    head = (
        "# HELP omi_certificate_not_after_seconds When a certificate ends.\n"
        "# TYPE omi_certificate_not_after_seconds gauge\n"
    )
    rows = (
        f'omi_certificate_not_after_seconds{{name="{name}"}} {int(end.timestamp())}\n'
        for name, end in found.items()
    )
    return head + "".join(rows)
