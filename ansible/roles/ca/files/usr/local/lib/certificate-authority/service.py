"""The authority's service: POST /renew, a WSGI application behind a proxy that has ended TLS.

The proxy has seen that the client holds the key of the certificate it showed, and passes that certificate on; whether
it is one of ours, still holds and may have what it asks for is decided by signing.py. Every answer leaves a line
in the audit log, on disk before the client sees it. Why: docs/decisions/0062.
"""

from __future__ import annotations

import base64
import datetime
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from certificates import load, pem, spki, validity
from cryptography import x509
from signing import Authority, Refused, admit, renew

LARGEST = 16384
"""Bytes of a request; one with many names takes about two thousand."""
STATUS = {200: "200 OK", 400: "400 Bad Request", 403: "403 Forbidden", 404: "404 Not Found"}
END = "-----END CERTIFICATE-----\n"


class Service:
    """The authority's key in memory, and its files: those trusted, those denied, the audit log."""

    def __init__(self, key: Path, trusted: Path, denied: Path, log: Path) -> None:
        parts = [part + END for part in trusted.read_text().split(END) if part.strip()]
        self.trusted = [x509.load_pem_x509_certificate(part.encode()) for part in parts]
        self.authority = Authority(self.trusted[0], load(key.read_text(), None)[0])
        self.denied, self.log = denied, log
        if spki(self.authority.key.public_key()) != spki(self.trusted[0].public_key()):
            sys.exit(f"{trusted}: the first certificate is not that of the key")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI."""
        if (environ["REQUEST_METHOD"], environ["PATH_INFO"]) != ("POST", "/renew"):
            status, content = 404, "POST /renew is all there is\n"
        else:
            status, content = self.answer(environ, datetime.datetime.now(datetime.timezone.utc))  # noqa: UP017
        start_response(
            STATUS[status], [("Content-Type", "text/plain"), ("Content-Length", str(len(content)))]
        )
        return [content.encode()]

    def answer(self, environ: dict[str, Any], now: datetime.datetime) -> tuple[int, str]:
        """Status and text: the certificate, or why there is none."""
        note: dict[str, Any] = {"time": now.isoformat(), "from": environ.get("HTTP_X_FORWARDED_FOR", "")}
        try:
            peer = shown(environ.get("HTTP_X_CLIENT_CERTIFICATE", ""))
            if peer is not None:
                note |= {"subject": peer.subject.rfc4514_string(), "shown": f"{peer.serial_number:x}"}
            admitted = admit(peer, self.trusted, listed(self.denied), now)
            certificate = renew(admitted, asked(environ), self.authority, now)
        except Refused as refusal:
            self.audit({**note, "event": "refused", "status": refusal.status, "reason": str(refusal)})
            return refusal.status, f"{refusal}\n"
        end = validity(certificate)[1].isoformat()
        self.audit({**note, "event": "issued", "serial": f"{certificate.serial_number:x}", "until": end})
        return 200, pem(certificate)

    def audit(self, entry: dict[str, Any]) -> None:
        """A line at the end of the log, on disk when this returns."""
        descriptor = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(descriptor, (json.dumps(entry, ensure_ascii=False) + "\n").encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def listed(path: Path) -> set[str]:
    """What a file names, one a line; # begins a remark. A list that is not there denies nobody."""
    lines = path.read_text().splitlines() if path.is_file() else []
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def shown(header: str) -> x509.Certificate | None:
    """The client's certificate as the proxy passes it on: DER in base64; None if it showed none."""
    if not header:
        return None
    try:
        return x509.load_der_x509_certificate(base64.b64decode(header, validate=True))
    except ValueError:
        raise Refused(403, "the certificate cannot be read") from None


def asked(environ: dict[str, Any]) -> x509.CertificateSigningRequest:
    """The request in the body."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit() or not 0 < int(length) <= LARGEST:
        raise Refused(400, f"the request must have 1 to {LARGEST} bytes")
    try:
        return x509.load_pem_x509_csr(environ["wsgi.input"].read(int(length)))
    except ValueError:
        raise Refused(400, "the request cannot be read") from None


def application() -> Service:
    """The service as its unit sets it up."""
    return Service(
        Path(os.environ["CREDENTIALS_DIRECTORY"]) / "authority_key",
        Path(os.environ["CA_TRUSTED"]),
        Path(os.environ["CA_DENIED"]),
        Path(os.environ["LOGS_DIRECTORY"]) / "audit.log",
    )
