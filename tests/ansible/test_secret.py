"""Passwords by name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.ansible.conftest import ROOT, module_at

secret = module_at(ROOT / "ansible" / "lookup_plugins" / "secret.py", "secret_lookup")
MASTER = "00" * 32


@given(st.text(), st.text())
def test_a_name_has_one_password_and_no_other_name_has_it(one: str, other: str) -> None:
    assert (secret.derived(MASTER, one) == secret.derived(MASTER, other)) == (one == other)


@given(st.text())
def test_a_password_needs_no_quoting_and_changes_with_the_master_word(name: str) -> None:
    password = secret.derived(MASTER, name)
    assert len(password) == 32
    assert set(password) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert password != secret.derived("01" * 32, name)
