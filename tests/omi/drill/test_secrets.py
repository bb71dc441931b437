"""The same passwords as Ansible's."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import vault
from lab.errors import LabError
from lab.paths import LabPaths
from omi.drill import secrets

ROOT = Path(__file__).parents[3]


def plugin():
    spec = importlib.util.spec_from_file_location("lookup", ROOT / "ansible" / "lookup_plugins" / "secret.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LOOKUP = plugin()


@settings(deadline=None)  # the machine may be busy
@given(st.binary(min_size=32, max_size=32), st.text())
def test_a_name_has_the_password_that_ansible_gives_it(master, name):
    assert secrets.derived(master.hex(), name) == LOOKUP.derived(master.hex(), name)


def test_the_master_word_of_a_real_vault_is_read(tmp_path):
    paths = LabPaths(tmp_path / "lab")
    vault.make(paths)
    viewed = subprocess.run(
        [
            Path(sys.prefix) / "bin" / "ansible-vault",
            "view",
            "--vault-password-file",
            paths.vault_password,
            paths.vault,
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    word = secrets.master(paths)
    assert len(word) == 64
    assert f"master: {word}" in viewed.replace("'", "")


def test_without_a_vault_it_says_what_to_do(tmp_path):
    with pytest.raises(LabError, match="the vault cannot be read"):
        secrets.master(LabPaths(tmp_path / "lab"))
