"""Certificates that the server trusts."""

from __future__ import annotations

import hashlib
import ssl
from typing import ClassVar

from infra.provider.attributes import FLAG, STRINGS, TEXT, Attribute, Faults, Shape, one_of
from infra.provider.client import Json
from infra.provider.errors import Fault
from infra.provider.kinds.base import Document
from infra.provider.kinds.shapes import DESCRIPTION
from infra.provider.values import UNKNOWN, Plain, is_unknown


def _der(pem: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pem.strip() + "\n")


def _parse(value: object, path: str, faults: Faults) -> object:
    try:
        return ssl.DER_cert_to_PEM_cert(_der(str(value)))
    except ValueError:
        faults.append(Fault(path, "must be one certificate as PEM text"))
        return value


def _encode(pem: str) -> str:
    """Incus takes the base64 body alone and answers with the whole PEM text."""
    return "".join(line for line in pem.splitlines() if not line.startswith("-----"))


_PEM = Shape(_parse, encode=_encode, decode=lambda pem: ssl.DER_cert_to_PEM_cert(_der(pem)))


class Certificate(Document):
    """Known by the fingerprint of the certificate, the SHA-256 of its DER form."""

    noun = "certificate"
    scope: ClassVar[tuple[str, ...]] = ("fingerprint",)
    collection = ("certificates",)
    attributes = (
        Attribute("name", TEXT, required=True),
        Attribute("certificate", _PEM, required=True, replaces=True),
        DESCRIPTION,
        Attribute("type", one_of("client", "metrics"), default="client"),
        Attribute("restricted", FLAG),
        Attribute("projects", STRINGS),
        Attribute("fingerprint", TEXT, replaces=True, document=False),
    )

    def rules(self, inputs: Plain) -> list[Fault]:
        if inputs.get("projects") and not inputs.get("restricted"):
            return [Fault("projects", "limit nothing unless `restricted` is true")]
        return []

    async def derive(self, inputs: Plain) -> Plain:
        pem = inputs["certificate"]
        fingerprint = UNKNOWN if is_unknown(pem) else hashlib.sha256(_der(pem)).hexdigest()
        return {**inputs, "fingerprint": fingerprint}

    def merged(self, document: Json, state: Plain, inputs: Plain) -> Json:
        """Unlike a new certificate, a changed one goes to Incus as PEM text; it is the same one anyway."""
        return {**super().merged(document, state, inputs), "certificate": document["certificate"]}
