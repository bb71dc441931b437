"""A certificate as it will be one day: the same in all but its dates. Pure, but for the authority's key."""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LIFE = datetime.timedelta(days=90, hours=1)
"""90 days, and the hour by which the authority dates each certificate back: a renewal asks for as many days again."""


def with_end(certificate: str, authority_key: str, end: datetime.datetime) -> str:
    """``certificate`` (PEM) as the authority signs it for 90 days, but so that it ends at ``end``."""
    old = x509.load_pem_x509_certificate(certificate.encode())
    key = serialization.load_pem_private_key(authority_key.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not on a curve")
    builder = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(old.issuer)
        .public_key(old.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - LIFE)
        .not_valid_after(end)
    )
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
