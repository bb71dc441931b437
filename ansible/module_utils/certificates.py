"""What a certificate is for, when it must be signed anew, and the request for it. Nothing here reads or writes.

The controller, the authority's own service and every host's renewal share this file, so it runs with the
cryptography library of Debian 12 as well as with the newest. Why: docs/decisions/0061.
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PURPOSES = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
USAGES = {"server": {"server"}, "client": {"client"}, "both": {"server", "client"}}
BACKDATED = datetime.timedelta(hours=1)
"""Clocks that are behind still take a new certificate."""


class Request(NamedTuple):
    """What a certificate is wanted for. ``days`` is how long it holds."""

    common_name: str
    organization: str | None = None
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    usage: str = "server"
    days: int = 90


def request_from(given: Mapping[str, Any]) -> Request:
    """A request as a role writes it."""
    subject = given["subject"]
    return Request(
        common_name=subject["common_name"],
        organization=subject.get("organization"),
        names=tuple(given.get("names") or ()),
        addresses=tuple(given.get("addresses") or ()),
        usage=given["usage"],
        days=given.get("days") or 90,
    )


def is_address(text: str) -> bool:
    """An IPv4 or IPv6 address without a length."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def signing_request(key: ec.EllipticCurvePrivateKey, request: Request) -> x509.CertificateSigningRequest:
    """The request in the form that is signed, by the key that stays where it is."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject(request))
    if request.names or request.addresses:
        builder = builder.add_extension(alternative_names(request), critical=False)
    return builder.sign(key, hashes.SHA256())


def subject(request: Request) -> x509.Name:
    """The organization, where there is one, and the common name."""
    parts = [(NameOID.ORGANIZATION_NAME, request.organization), (NameOID.COMMON_NAME, request.common_name)]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text])


def alternative_names(request: Request) -> x509.SubjectAlternativeName:
    """Names and addresses of a request."""
    names = [x509.DNSName(name) for name in request.names]
    return x509.SubjectAlternativeName(
        [*names, *map(x509.IPAddress, sorted(normal(request.addresses), key=str))]
    )


def normal(addresses: Sequence[str]) -> set[Any]:
    """Addresses in one spelling. What is none is left out: ``faults`` has said so."""
    return {ipaddress.ip_address(address) for address in addresses if is_address(address)}


def alternatives(found: x509.Extensions) -> tuple[set[str], set[Any]]:
    """Names and addresses of a csr or certificate."""
    try:
        value = found.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set(), set()
    return set(value.get_values_for_type(x509.DNSName)), set(value.get_values_for_type(x509.IPAddress))


def usage_of(certificate: x509.Certificate) -> str:
    """What a certificate may be used for: one of USAGES, or "none"."""
    try:
        purposes = set(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return "none"
    return next((u for u, parts in USAGES.items() if {PURPOSES[p] for p in parts} == purposes), "none")


def request_of(certificate: x509.Certificate) -> Request:
    """The request that would lead to ``certificate`` again: what a renewal gives, and nothing else."""
    start, end = validity(certificate)
    names, addresses = alternatives(certificate.extensions)
    texts = {
        oid: [str(part.value) for part in certificate.subject.get_attributes_for_oid(oid)]
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    }
    return Request(
        common_name="".join(texts[NameOID.COMMON_NAME]),
        organization="".join(texts[NameOID.ORGANIZATION_NAME]) or None,
        names=tuple(sorted(names)),
        addresses=tuple(sorted(map(str, addresses))),
        usage=usage_of(certificate),
        days=(end - start - BACKDATED).days,
    )


def reason_to_sign(
    certificate: x509.Certificate | None,
    key: ec.EllipticCurvePrivateKey | None,
    request: Request,
    authority: x509.Certificate,
    now: datetime.datetime,
) -> str:
    """Why a certificate must be signed anew; empty if what is there still does."""
    if key is None:
        return "there is no key"
    if certificate is None:
        return "there is no certificate"
    if spki(certificate.public_key()) != spki(key.public_key()):
        return "the key is new"
    if not issued_by(certificate, authority):
        return "the authority has changed"
    if differs(certificate, request):
        return "what it is for has changed"
    return "a third of its life is left" if is_due(certificate, now) else ""


def differs(certificate: x509.Certificate, request: Request) -> bool:
    """Whether subject, names, addresses or usage are others."""
    names = (set(request.names), normal(request.addresses))
    return (
        certificate.subject != subject(request)
        or alternatives(certificate.extensions) != names
        or usage_of(certificate) != request.usage
    )


def is_due(certificate: x509.Certificate, now: datetime.datetime) -> bool:
    """Whether a third of its life is left, or less."""
    start, end = validity(certificate)
    return end - now <= (end - start) / 3


def issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether ``authority`` has signed it. Says nothing of dates."""
    key, algorithm = authority.public_key(), certificate.signature_hash_algorithm
    if (
        certificate.issuer != authority.subject
        or algorithm is None
        or not isinstance(key, ec.EllipticCurvePublicKey)
    ):
        return False
    try:
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, ec.ECDSA(algorithm))
    except InvalidSignature:
        return False
    return True


def validity(certificate: x509.Certificate) -> tuple[datetime.datetime, datetime.datetime]:
    """From when until when it holds, in UTC."""
    if hasattr(certificate, "not_valid_after_utc"):
        return certificate.not_valid_before_utc, certificate.not_valid_after_utc
    utc = datetime.timezone.utc  # noqa: UP017 - one spelling with what follows
    return certificate.not_valid_before.replace(tzinfo=utc), certificate.not_valid_after.replace(tzinfo=utc)


def spki(key: Any) -> bytes:
    """A public key as bytes that can be compared."""
    raw: bytes = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return raw


def pem(thing: x509.Certificate | x509.CertificateSigningRequest) -> str:
    """As text."""
    return thing.public_bytes(serialization.Encoding.PEM).decode()


def new_key() -> str:
    """A private key on the curve P-256, as text."""
    key = ec.generate_private_key(ec.SECP256R1())
    raw: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return raw.decode()


def load(key: str | None, certificate: str | None) -> tuple[Any, x509.Certificate | None]:
    """What is in two texts; the first certificate where there are several. Raises ValueError on anything else."""
    return (
        serialization.load_pem_private_key(key.encode(), None) if key else None,
        x509.load_pem_x509_certificate(certificate.encode()) if certificate else None,
    )
