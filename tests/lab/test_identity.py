"""Which lab it is: made once, bound to one declaration while it has hosts, and told to every tool."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lab import environment, identity, pulumi_state
from lab.identity import Identity, OtherDeclarationError, decide
from lab.paths import LabPaths

CHECKOUT = Path(__file__).parents[2]
OWN = Identity("a" * 16, None, "1" * 64)
SMALL = Identity("b" * 16, "/checkout/tests/data/small", "2" * 64)


def test_a_lab_without_hosts_is_a_new_one_of_whatever_declaration() -> None:
    for found in (None, OWN, SMALL):
        made = decide(found, False, SMALL.inventory, SMALL.digest)
        assert (made.inventory, made.digest) == (SMALL.inventory, SMALL.digest)
        assert found is None or made.id != found.id
    assert decide(None, False, None, "1").id != decide(None, False, None, "1").id


def test_a_lab_with_hosts_stays_itself_as_its_declaration_changes() -> None:
    """A city joins: the folder is the same, the content is not."""
    assert decide(SMALL, True, SMALL.inventory, "3" * 64) == Identity(SMALL.id, SMALL.inventory, "3" * 64)
    assert decide(OWN, True, None, "3" * 64) == Identity(OWN.id, None, "3" * 64)


def test_another_checkout_may_bring_up_the_same_content() -> None:
    elsewhere = "/other/tests/data/small"
    assert decide(SMALL, True, elsewhere, SMALL.digest) == Identity(SMALL.id, elsewhere, SMALL.digest)


@pytest.mark.parametrize(
    ("found", "inventory", "keeps"),
    [
        (OWN, SMALL.inventory, "omi lab up, with OMI_INVENTORY not set"),
        (
            None,
            SMALL.inventory,
            "omi lab up, with OMI_INVENTORY not set",
        ),  # built before labs had an identity
        (SMALL, None, "omi lab up --inventory /checkout/tests/data/small"),
    ],
)
def test_hosts_of_another_declaration_are_not_touched(
    found: Identity | None, inventory: str | None, keeps: str
) -> None:
    with pytest.raises(OtherDeclarationError) as refused:
        decide(found, True, inventory, "3" * 64)
    assert refused.value.exit_code == 2
    for remedy in (keeps, "omi lab reset", "pulumi destroy"):
        assert remedy in str(refused.value)


def test_it_is_read_as_written_and_unknown_where_it_is_not(tmp_path: Path) -> None:
    paths = LabPaths(tmp_path / "lab")
    assert identity.read(paths) is None
    assert identity.folder(paths) is None
    identity.write(paths, SMALL)
    assert identity.read(paths) == SMALL
    assert identity.folder(paths) == Path("/checkout/tests/data/small")
    for faulty in ("", "[]", "{}", '{"id": 1}'):
        paths.identity.write_text(faulty)
        assert identity.read(paths) is None


def shell(paths: LabPaths, **inherited: str) -> str:
    """OMI_INVENTORY in a shell that has sourced `.lab/env`."""
    env = environment.render_env(environment.variables(paths), [])
    script = f'{env}\nprintf %s "${{OMI_INVENTORY-not set}}"'
    done = subprocess.run(["sh", "-euc", script], env=inherited, capture_output=True, text=True, check=True)
    return done.stdout


def test_every_tool_and_shell_is_told_the_labs_declaration(tmp_path: Path) -> None:
    paths = LabPaths(tmp_path / "lab")
    identity.write(paths, SMALL)
    assert environment.process_environment(paths, {})["OMI_INVENTORY"] == SMALL.inventory
    assert shell(paths) == SMALL.inventory


def test_no_tool_or_shell_keeps_another_labs(tmp_path: Path) -> None:
    paths = LabPaths(tmp_path / "lab")
    identity.write(paths, OWN)
    assert "OMI_INVENTORY" not in environment.process_environment(paths, {"OMI_INVENTORY": "/other"})
    assert shell(paths, OMI_INVENTORY="/other") == "not set"


def test_a_checkouts_files_are_written_anew_for_another_declaration(tmp_path: Path) -> None:
    paths, checkout = LabPaths(tmp_path / "lab"), tmp_path / "checkout"
    environment.write(paths, [], checkout)
    identity.write(paths, SMALL)
    assert not environment.is_ready(paths, [], checkout)


@pytest.mark.parametrize(
    ("state", "stands"),
    [
        ({"checkpoint": {"stack": "lab"}}, False),
        ({"checkpoint": {"latest": None}}, False),
        ({"checkpoint": {"latest": {"resources": []}}}, False),
        (
            {"checkpoint": {"latest": {"resources": [{"urn": "urn:pulumi:lab::omi::pulumi:pulumi:Stack"}]}}},
            True,
        ),
        ([], True),
        ({}, True),
    ],
)
def test_a_lab_stands_if_pulumi_has_built_something(tmp_path: Path, state: object, stands: bool) -> None:
    paths = LabPaths(tmp_path / "lab")
    assert not pulumi_state.has_resources(paths, CHECKOUT)
    file = paths.state / ".pulumi" / "stacks" / pulumi_state.project_name(CHECKOUT) / "lab.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(state))
    assert pulumi_state.has_resources(paths, CHECKOUT) is stands
    file.write_text("{cut off")
    assert pulumi_state.has_resources(paths, CHECKOUT)
