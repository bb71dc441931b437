"""The guard against a second writer: what is decided of what is heard."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import ssl
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[2] / "ansible/roles/database/files/usr/local/sbin/database-guard"


@pytest.fixture(scope="module")
def guard() -> Any:
    """The program as a module."""
    loader = importlib.machinery.SourceFileLoader("database_guard", str(PROGRAM))
    spec = importlib.util.spec_from_loader("database_guard", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("other", "peers", "confirmed", "told", "allowed"),
    [
        pytest.param(["other"], [], False, False, True, id="the other center follows"),
        pytest.param(
            ["primary"], ["primary"], True, True, False, id="the other center serves, whatever else"
        ),
        pytest.param(
            ["silent", "primary"], ["primary"], True, True, False, id="one of the other center's serves"
        ),
        pytest.param(["silent"], ["primary"], False, False, True, id="silence, but this cluster is alive"),
        pytest.param(["silent"], ["other"], True, False, True, id="silence since it was last heard"),
        pytest.param(["silent"], ["silent"], False, False, False, id="all were down, and it is silent"),
        pytest.param(["silent"], ["other"], False, True, True, id="a person knows"),
        pytest.param(["silent", "other"], [], False, False, True, id="one of two speaks"),
    ],
)
def test_a_primary_is_allowed_only_where_no_other_can_be(
    guard: Any, other: list[str], peers: list[str], confirmed: bool, told: bool, allowed: bool
) -> None:
    assert guard.may_serve(other, peers, confirmed, told)[0] is allowed


@pytest.mark.parametrize(
    ("config", "permitted", "allowed"),
    [
        pytest.param("", False, True, id="a new cluster"),
        pytest.param(
            json.dumps({"ttl": 20, "standby_cluster": {"host": "bc"}}), False, True, id="a follower"
        ),
        pytest.param(json.dumps({"ttl": 20}), False, False, id="one that may not serve"),
        pytest.param(json.dumps({"ttl": 20}), True, True, id="one that may"),
        pytest.param(json.dumps({"standby_cluster": None}), False, False, id="a follower no longer"),
        pytest.param(None, True, False, id="no consensus store"),
    ],
)
def test_patroni_starts_as_a_follower_or_with_permission(
    guard: Any, config: str | None, permitted: bool, allowed: bool
) -> None:
    assert guard.may_start(config, (permitted, "said elsewhere"))[0] is allowed


def test_a_refusal_says_what_a_person_can_do(guard: Any) -> None:
    assert "failback-to-data-center.yml" in guard.may_serve(["primary"], [], False, False)[1]
    assert "touch" in guard.may_serve(["silent"], [], False, False)[1]


def test_nobody_answers_where_nothing_listens(guard: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real connection to a closed port of this machine."""
    plain = ssl.create_default_context()
    monkeypatch.setattr(guard.ssl, "create_default_context", lambda **_: plain)
    assert guard.ask({"name": "nobody", "address": "127.0.0.1"}) == "silent"
