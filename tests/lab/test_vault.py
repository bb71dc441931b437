"""The vault: encrypted, never made anew, and what is in it."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from ruamel.yaml import YAML

from lab import vault
from lab.paths import LabPaths


@pytest.fixture
def paths(tmp_path: Path) -> LabPaths:
    return LabPaths(tmp_path / "lab")


def opened(paths: LabPaths) -> dict[str, str]:
    """What is in the vault, as Ansible reads it."""
    program = Path(sys.prefix) / "bin" / "ansible-vault"
    clear = subprocess.run(
        [program, "view", "--vault-password-file", paths.vault_password, paths.vault],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    content: dict[str, str] = YAML(typ="safe").load(clear)
    return content


def test_a_vault_is_encrypted_and_closed_to_others(paths: LabPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", "/nowhere/another-labs-password")
    assert not vault.is_ready(paths)
    vault.make(paths)
    assert vault.is_ready(paths)
    assert paths.vault.read_text().startswith("$ANSIBLE_VAULT;1.1;AES256")
    for file in (paths.vault, paths.vault_password):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    paths.vault.chmod(0o644)
    assert not vault.is_ready(paths)


def test_a_vault_holds_a_master_word_and_an_authority_that_may_sign(paths: LabPaths) -> None:
    vault.make(paths)
    content = opened(paths)
    assert set(content) == {"master", "authority_certificate", "authority_key"}
    assert len(bytes.fromhex(content["master"])) == 32
    certificate = x509.load_pem_x509_certificate(content["authority_certificate"].encode())
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    certificate.verify_directly_issued_by(certificate)


def test_a_vault_that_is_there_stays(paths: LabPaths) -> None:
    vault.make(paths)
    before = opened(paths)
    vault.make(paths)
    assert opened(paths) == before
