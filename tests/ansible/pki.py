"""An authority and its requests, for the tests of certificates."""

from __future__ import annotations

import datetime
import sys
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from lab.vault import new_authority
from tests.ansible.conftest import ROOT

sys.path[:0] = [str(ROOT / "ansible" / folder) for folder in ("module_utils", "pki")]

import certificates  # noqa: E402
import signing  # noqa: E402

NOW = datetime.datetime(2026, 4, 1, 8, 30, tzinfo=datetime.UTC)


def authority() -> Any:
    """A new one, already valid at NOW."""
    certificate, key = new_authority()
    return signing.Authority(*reversed(certificates.load(key, certificate)))


def key() -> ec.EllipticCurvePrivateKey:
    """A host's new key."""
    return certificates.load(certificates.new_key(), None)[0]


def issued(by: Any, request: Any, private: Any = None, at: datetime.datetime = NOW) -> x509.Certificate:
    """What ``by`` signs for ``request``."""
    csr = certificates.signing_request(private or key(), request)
    return signing.issue(csr, request, by, at)
