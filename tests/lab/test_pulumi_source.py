"""What pulumi is built without, and that its two programs are built from the same modules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from lab import pulumi_source, pulumi_tool
from lab.errors import LabError
from lab.pulumi_source import LeftOut

MODULE = re.compile(r"^(?:require)?\s+([\w./~-]+) (v\S+)", re.MULTILINE)


def _part(**files: tuple[str, ...]) -> LeftOut:
    return LeftOut.model_validate({"module": "m", "package": "p", "with": "ours.go", **files})


def test_what_is_kept_and_what_is_removed() -> None:
    files = ["a.go", "b.go", "b_test.go", "notes.md"]
    assert _part(keep=("a.go",)).removed(files) == ["b.go", "b_test.go"]
    assert _part(keep=()).removed(files) == ["a.go", "b.go", "b_test.go"]
    assert _part(remove=("b.go",)).removed(files) == ["b.go"]


@pytest.mark.parametrize("way", ["keep", "remove"])
def test_a_file_that_a_newer_version_no_longer_has_is_named(way: str) -> None:
    with pytest.raises(LabError, match=r"m/p has no gone\.go.*left_out\.yaml"):
        _part(**{way: ("gone.go", "a.go")}).removed(["a.go"])


@pytest.mark.parametrize("files", [{}, {"keep": (), "remove": ()}])
def test_files_are_named_one_way(files: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ValidationError, match="give keep or remove"):
        _part(**files)


def test_a_copy_has_all_but_what_is_left_out_and_an_unfinished_one_is_made_anew(tmp_path: Path) -> None:
    module, copy, ours = tmp_path / "module", tmp_path / "copy", tmp_path / "ours"
    for file in ("p/a.go", "p/b.go", "q/c.go", "go.mod"):
        (module / file).parent.mkdir(parents=True, exist_ok=True)
        (module / file).write_text(file)
    ours.mkdir()
    (ours / "ours.go").write_text("package p\n")
    (copy / "p").mkdir(parents=True)
    (copy / "p/unfinished.go").write_text("half")
    pulumi_source.copy_trimmed(module, copy, [_part(keep=("a.go",))], ours)
    found = sorted(str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file())
    assert found == ["go.mod", "p/a.go", "p/left_out.go", "q/c.go"]
    assert (copy / "p/left_out.go").read_text() == "package p\n"


def test_each_part_has_its_replacement_and_each_replacement_its_part() -> None:
    parts = pulumi_source.load()
    there = {file.name for file in (pulumi_tool.MODULES / "left_out").iterdir()}
    assert {part.replacement for part in parts} == there
    pinned = _modules("cli")
    assert {part.module for part in parts} <= set(pinned)


def test_both_programs_are_compiled_by_one_go_from_the_same_versions_of_what_they_share() -> None:
    """Otherwise the standard library and all they share would be compiled twice."""
    go = {
        name: re.search(r"^go (\S+)", _go_mod(name), re.MULTILINE)[1]  # type: ignore[index]
        for name in ("cli", "language")
    }
    assert go["cli"] == go["language"]
    cli, language = _modules("cli"), _modules("language")
    shared = (set(cli) & set(language)) - {pulumi_tool.SDK}
    assert len(shared) > 40
    assert {name: language[name] for name in shared} == {name: cli[name] for name in shared}


def _go_mod(name: str) -> str:
    return (pulumi_tool.MODULES / name / "go.mod").read_text(encoding="utf-8")


def _modules(name: str) -> dict[str, str]:
    return dict(MODULE.findall(_go_mod(name)))
