"""A certificate as it will be one day: the same in all but its dates. Pure, but for the authority's key."""

from __future__ import annotations

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LIFE = datetime.timedelta(days=90)


def with_end(certificate: str, authority_key: str, end: datetime.datetime) -> str:
    """``certificate`` (PEM) with a life of 90 days that ends at ``end``, signed anew by the internal authority."""
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
