"""One choice of a declaration reaches everything: `omi lab up --inventory`, OMI_INVENTORY, the lab that stands."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from inventory.topology import Topology
from lab import identity, pulumi_state
from lab.paths import LabPaths
from omi import lab_commands
from omi.checkout import CHECKOUT
from omi.cli import app

SMALL = CHECKOUT / "tests" / "data" / "small"


def omi(*words: str, **environment: str) -> Result:
    """Run `omi` with these words."""
    return CliRunner().invoke(app, words, prog_name="omi", env=environment)


@pytest.fixture
def paths(monkeypatch: pytest.MonkeyPatch) -> Iterator[LabPaths]:
    """Where a lab may be; nothing is there yet."""
    with tempfile.TemporaryDirectory(prefix="omi") as folder:  # a short name: sockets live there
        monkeypatch.setenv("OMI_LAB_DIR", f"{folder}/lab")
        monkeypatch.setattr("os.geteuid", lambda: 0)
        yield LabPaths(Path(folder) / "lab")


@pytest.fixture
def brought_up(monkeypatch: pytest.MonkeyPatch) -> list[Topology]:
    """What `omi lab up` would have built, instead of building it."""
    asked: list[Topology] = []

    def bring_up(topology: Topology, *_: object) -> list[object]:
        asked.append(topology)
        return []

    monkeypatch.setattr(lab_commands.pipeline, "bring_up", bring_up)
    return asked


def stand(paths: LabPaths) -> None:
    """Pulumi's state says that there are hosts."""
    file = paths.state / ".pulumi" / "stacks" / pulumi_state.project_name(CHECKOUT) / "lab.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"checkpoint": {"latest": {"resources": [{"urn": "a host"}]}}}))


def inventory_of(paths: LabPaths) -> str | None:
    """The declaration that is written down."""
    found = identity.read(paths)
    assert found is not None
    return found.inventory


@pytest.mark.parametrize("by", ["option", "environment"])
def test_the_lab_is_built_from_the_folder_that_is_named(
    paths: LabPaths, brought_up: list[Topology], by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(CHECKOUT)
    if by == "option":
        result = omi("lab", "up", "--inventory", "tests/data/small")
    else:
        result = omi("lab", "up", OMI_INVENTORY="tests/data/small")
    assert result.exit_code == 0, result.stderr
    assert [city.name for city in brought_up[0].cities] == ["kusatsu", "konan"]
    assert inventory_of(paths) == str(SMALL)
    assert "omi lab shell kusatsu-ce1" in result.stdout


@pytest.mark.parametrize("words", [(), ("--inventory", str(CHECKOUT / "inventory" / "data"))])
def test_without_a_choice_it_is_the_repositorys_own(
    paths: LabPaths, brought_up: list[Topology], words: tuple[str, ...]
) -> None:
    assert omi("lab", "up", *words).exit_code == 0
    assert len(brought_up[0].cities) == 8
    assert inventory_of(paths) is None


def test_a_folder_that_is_no_declaration_is_refused_with_every_problem(
    paths: LabPaths, brought_up: list[Topology], tmp_path: Path
) -> None:
    draft = tmp_path / "draft"
    (draft / "cities").mkdir(parents=True)
    (draft / "cloud.yaml").write_text("name: 5\n")
    (draft / "cities" / "Konan.txt").write_text("")
    result = omi("lab", "up", "--inventory", str(draft))
    assert result.exit_code == 2
    for problem in (f"{draft}/cloud.yaml:1:7: name:", "not a city's file", "no city", "openings"):
        assert problem in result.stderr
    assert omi("lab", "up", "--inventory", str(tmp_path / "nowhere")).exit_code == 2
    assert brought_up == []
    assert not paths.root.exists()


def test_a_lab_that_stands_with_another_declaration_is_left_alone(
    paths: LabPaths, brought_up: list[Topology]
) -> None:
    omi("lab", "up", "--inventory", str(SMALL))
    before = paths.identity.read_text()
    stand(paths)
    result = omi("lab", "up")
    assert result.exit_code == 2
    assert f"to keep it: omi lab up --inventory {SMALL}" in result.stderr
    assert paths.identity.read_text() == before
    assert len(brought_up) == 1
    assert omi("lab", "up", "--inventory", str(SMALL)).exit_code == 0


def test_who_is_not_root_changes_nothing(paths: LabPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert omi("lab", "up").exit_code == 3
    assert not paths.root.exists()


@pytest.mark.usefixtures("paths", "brought_up")
def test_commands_on_the_running_cloud_speak_of_the_declaration_it_stands_with() -> None:
    assert "login-storm" in omi("drill", "list").stdout
    assert omi("lab", "up", "--inventory", str(SMALL)).exit_code == 0
    assert "login-storm" not in omi("drill", "list").stdout
    shown = omi("status").stdout
    assert "おうみ" not in shown
    assert "Omi integrated cloud (small) · Status" in shown
    assert "Maibara" not in shown


def test_the_variable_stands_for_the_option_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMI_INVENTORY", str(SMALL))
    for words in (("check",), ("inventory", "plan"), ("gaiji", "check")):
        shown = omi(*words).stdout
        assert "maibara" not in shown, words
        assert "konan" in shown, words
    whole = omi("check", "--inventory", str(CHECKOUT / "inventory" / "data"))
    assert "maibara" in whole.stdout, "who says it in words means it"
