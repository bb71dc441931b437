"""The lab's vault: what hosts must share and nobody may read, encrypted by Ansible's own vault.

It holds one random word from which each password is derived by its name (ansible/lookup_plugins/secret.py), and
the certificate authority's key pair. So a city that joins needs no new secret, and none is ever written in clear.
"""

from __future__ import annotations

import datetime
import io
import os
import secrets
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from ruamel.yaml import YAML

from lab.commands import run
from lab.files import write_atomically
from lab.paths import LabPaths

AUTHORITY = "Omi integrated cloud, internal authority"
AUTHORITY_YEARS = 10
"""The council's longest contract: nobody has to renew the authority within one."""
ENCRYPTED = "$ANSIBLE_VAULT;"


def is_ready(paths: LabPaths) -> bool:
    """Whether the vault is there, encrypted, and its password readable by its owner alone."""
    closed = all(
        file.is_file() and file.stat().st_mode & 0o077 == 0 for file in (paths.vault, paths.vault_password)
    )
    return closed and paths.vault.read_text().startswith(ENCRYPTED)


def make(paths: LabPaths) -> None:
    """Make what is missing. A vault that is there is never made anew: its secrets are in use."""
    paths.vault.parent.mkdir(parents=True, exist_ok=True)
    paths.vault.parent.chmod(0o700)
    if not paths.vault_password.exists():
        write_atomically(paths.vault_password, secrets.token_urlsafe(32) + "\n", mode=0o600)
    if not paths.vault.exists():
        write_atomically(paths.vault, encrypted(contents(), paths), mode=0o600)
    for file in (paths.vault_password, paths.vault):
        file.chmod(0o600)


def encrypted(text: str, paths: LabPaths) -> str:
    """``text`` as ansible-vault writes it; the clear text passes through a pipe and touches no disk."""
    program = Path(sys.prefix) / "bin" / "ansible-vault"
    command = (program, "encrypt", "--vault-password-file", paths.vault_password, "--output", "-")
    # A shell that is ready for a lab names that lab's password too, and with two ansible-vault does not choose.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return run(command, text=text, env=environment)


def contents() -> str:
    """A new vault in clear: YAML."""
    certificate, key = new_authority()
    document = io.StringIO()
    YAML(typ="safe", pure=True).dump(
        {"master": secrets.token_hex(32), "authority_certificate": certificate, "authority_key": key},
        document,
    )
    return document.getvalue()


def new_authority() -> tuple[str, str]:
    """A self-signed certificate (PEM) that may sign others but no further authority, and its key (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=365.25 * AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode()
