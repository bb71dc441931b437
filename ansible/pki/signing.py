"""What the internal authority signs, and for whom: decisions only, nothing here reads or writes.

The controller (ansible/action_plugins/certificate.py) and the authority's own service (role ca) share this file.
Why: docs/decisions/0061.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from certificates import (
    BACKDATED,
    PURPOSES,
    USAGES,
    Request,
    alternative_names,
    alternatives,
    is_address,
    issued_by,
    normal,
    request_of,
    subject,
    validity,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

LONGEST = 398
"""Days: nobody gets a certificate for longer."""
COMMON_NAME = 64
"""Characters in a common name at most (X.520)."""


class Authority(NamedTuple):
    """Who signs."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Neighbour(NamedTuple):
    """A host of the cloud, as far as it matters who may bear its name."""

    role: str
    site: str
    addresses: frozenset[str]


def faults(request: Request) -> list[str]:
    """What nobody may have, whoever asks."""
    found = []
    if request.usage not in USAGES:
        found.append(f"usage {request.usage!r} is none of {', '.join(sorted(USAGES))}")
    if not 1 <= request.days <= LONGEST:
        found.append(f"{request.days} days: 1 to {LONGEST} are possible")
    if not 1 <= len(request.common_name) <= COMMON_NAME:
        found.append(f"common name of {len(request.common_name)} characters: 1 to {COMMON_NAME} are possible")
    if request.usage != "client" and not (request.names or request.addresses):
        found.append("a server needs a name or an address")
    found += [f"name {name!r} is no host name" for name in request.names if not is_host_name(name)]
    found += [f"{address!r} is no address" for address in request.addresses if not is_address(address)]
    return found


def is_host_name(name: str) -> bool:
    """Letters, digits and hyphens between dots, in lower case; no wildcard."""
    labels = name.split(".")
    return len(name) <= 253 and all(
        label.isascii()
        and label.replace("-", "").isalnum()
        and label == label.lower()
        and len(label) <= 63
        and label == label.strip("-")
        for label in labels
    )


def trespasses(
    host: str, request: Request, neighbours: Mapping[str, Neighbour], stands_for: Mapping[str, Sequence[str]]
) -> list[str]:
    """What in ``request`` belongs to others than ``host``.

    ``stands_for`` says for which roles' hosts a role may answer: a database's certificate names the proxies
    that pass its connections through. A name that no host has (a service's) is free; a site's is its own hosts'.
    """
    own = neighbours[host]
    strangers = {
        name: other
        for name, other in neighbours.items()
        if name != host and other.role not in stands_for.get(own.role, ())
    }
    sites = {other.site for other in neighbours.values()} - {own.site}
    asked = (request.common_name, *request.names)
    found = [f"name {name!r} is another host's" for name in asked if name in strangers]
    found += [
        f"name {name!r} is another site's"
        for name in (*asked, request.organization)
        if name and name in sites
    ]
    taken = {address: name for name, other in strangers.items() for address in other.addresses}
    return found + [f"address {a!r} is that of {taken[a]}" for a in request.addresses if a in taken]


def objections(csr: x509.CertificateSigningRequest, request: Request) -> list[str]:
    """Why ``csr`` is not what ``request`` allows: it must be the same, with a key of the right kind."""
    found = faults(request)
    key = csr.public_key()
    if not (isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"):
        found.append("the key is not on the curve P-256")
    if not csr.is_signature_valid:
        found.append("the request is not signed by its own key")
    if csr.subject != subject(request):
        found.append(f"subject {csr.subject.rfc4514_string()!r} is not that of the certificate")
    if alternatives(csr.extensions) != (set(request.names), normal(request.addresses)):
        found.append("names or addresses are not those of the certificate")
    return found


def issue(
    csr: x509.CertificateSigningRequest, request: Request, authority: Authority, now: datetime.datetime
) -> x509.Certificate:
    """The certificate. All in it but the key comes from ``request``, not from the csr.

    Raises ValueError with all objections. It never outlives the authority.
    """
    if problems := objections(csr, request):
        raise ValueError("; ".join(problems))
    end = min(now + datetime.timedelta(days=request.days), validity(authority.certificate)[1])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject(request))
        .issuer_name(authority.certificate.subject)
        .public_key(csr.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(end)
    )
    for extension, critical in extensions(csr, request, authority):
        builder = builder.add_extension(extension, critical)
    return builder.sign(authority.key, hashes.SHA256())


def extensions(
    csr: x509.CertificateSigningRequest, request: Request, authority: Authority
) -> Iterator[tuple[x509.ExtensionType, bool]]:
    """What a certificate says besides its subject, each with whether it is critical."""
    signs = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
         "crl_sign", "encipher_only", "decipher_only"),
        False,
    )  # fmt: skip
    purposes = sorted(USAGES[request.usage], reverse=True)
    yield x509.BasicConstraints(ca=False, path_length=None), True
    yield x509.KeyUsage(digital_signature=True, **signs), True
    yield x509.ExtendedKeyUsage([PURPOSES[purpose] for purpose in purposes]), False
    yield x509.SubjectKeyIdentifier.from_public_key(csr.public_key()), False
    signer = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    yield x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(signer), False
    if request.names or request.addresses:
        yield alternative_names(request), False


class Refused(Exception):  # noqa: N818 - it is an answer, not a mishap
    """Why nothing is signed. ``status`` is HTTP's: 403 for who asks, 400 for what is asked."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def admit(
    peer: x509.Certificate | None,
    trusted: Sequence[x509.Certificate],
    denied: AbstractSet[str],
    now: datetime.datetime,
) -> x509.Certificate:
    """The certificate that a client has shown, if it may be renewed. Raises Refused.

    ``trusted`` are the authorities whose certificates may be, ``denied`` common names and serial numbers
    (hexadecimal) that may not.
    """
    if peer is None:
        raise Refused(403, "no certificate was shown")
    if not any(issued_by(peer, one) for one in trusted):
        raise Refused(403, "the certificate is not of this authority")
    start, end = validity(peer)
    if not start <= now <= end:
        raise Refused(403, f"the certificate holds from {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC")
    if denied & {request_of(peer).common_name, f"{peer.serial_number:x}"}:
        raise Refused(403, "the certificate is on the list of those denied")
    return peer


def renew(
    admitted: x509.Certificate,
    csr: x509.CertificateSigningRequest,
    authority: Authority,
    now: datetime.datetime,
) -> x509.Certificate:
    """A new certificate for the same subject, names and usage, and for nothing else. Raises Refused."""
    try:
        return issue(csr, request_of(admitted), authority, now)
    except ValueError as error:
        raise Refused(400, str(error)) from None
