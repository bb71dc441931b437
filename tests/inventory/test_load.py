"""Loading: what a folder may be, how files are named in messages, and candidates that join."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inventory.load import default_declaration, load
from inventory.problem import InvalidDeclarationError


def refusal(folder: Path | None, *add: str) -> list[str]:
    """The lines that loading ``folder`` is refused with."""
    with pytest.raises(InvalidDeclarationError) as caught:
        load(folder, add)
    return str(caught.value).splitlines()


def test_the_declaration_of_this_repository_is_sound() -> None:
    assert len(load().cities) == 8


def test_files_are_named_after_the_folder_as_it_was_given(declaration: Path) -> None:
    (declaration / "cities" / "konan.yaml").write_text("")
    rest = "konan.yaml:1:1: an empty file; write the declaration, or delete it"
    assert refusal(declaration) == [f"{declaration}/cities/{rest}"]
    assert refusal(Path("../" + declaration.name)) == [f"../{declaration.name}/cities/{rest}"]
    assert refusal(Path()) == [f"cities/{rest}"]


def test_the_default_is_named_as_one_would_type_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    monkeypatch.chdir(root)
    assert default_declaration() == Path("inventory/data")
    monkeypatch.chdir(tmp_path)
    assert default_declaration() == root / "inventory" / "data"


def test_the_default_is_found_from_a_folder_that_is_gone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert len(load().cities) == 8


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none") == [
        f"{tmp_path}/none:1:1: not a folder that can be read (No such file or directory);"
        " give a folder with cloud.yaml and cities/ in it"
    ]


def test_a_file_instead_of_a_folder(declaration: Path) -> None:
    (line,) = refusal(declaration / "cloud.yaml")
    assert line.startswith(f"{declaration}/cloud.yaml:1:1: not a folder that can be read (Not a directory);")


def test_a_folder_that_may_not_be_read(declaration: Path) -> None:
    (declaration / "cities").chmod(0)
    with nobody_special():
        assert refusal(Path()) == [
            "cities:1:1: not a folder that can be read (Permission denied); put one YAML file a city there"
        ]


def test_a_file_that_may_not_be_read(declaration: Path) -> None:
    (declaration / "cities" / "konan.yaml").chmod(0)
    with nobody_special():
        assert refusal(Path()) == [
            "cities/konan.yaml:1:1: cannot be read (Permission denied); put a readable YAML file there"
        ]


@contextmanager
def nobody_special() -> Iterator[None]:
    """Without root's right to read everything, in the current folder."""
    Path().chmod(0o755)
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_candidates_join_by_name(declaration: Path) -> None:
    assert [city.name for city in load(declaration, ["otsu", "otsu"]).cities] == ["yasu", "konan", "otsu"]


@pytest.mark.usefixtures("declaration")
def test_candidates_that_are_none() -> None:
    assert refusal(Path(), "kyoto", "../cities/konan", "\x1b[2J", "otsu") == [
        "candidates:1:1: no candidate '../cities/konan'; there are: otsu",
        "candidates:1:1: no candidate '\\\\x1b[2J'; there are: otsu",
        "candidates:1:1: no candidate 'kyoto'; there are: otsu",
    ]


def test_a_candidate_whose_number_was_taken_meanwhile(declaration: Path) -> None:
    path = declaration / "cities" / "konan.yaml"
    path.write_text(path.read_text().replace("number: 5", "number: 9"))
    assert refusal(declaration, "otsu") == [
        f"{declaration}/candidates/otsu.yaml:4:9: number 9 is {path}'s already;"
        " give each city a number of its own"
    ]


def test_more_cities_than_there_are_numbers(declaration: Path) -> None:
    city = (declaration / "cities" / "konan.yaml").read_text()
    for number in range(1, 252):
        text = city.replace("name: konan", f"name: city{number}").replace("number: 5", f"number: {number}")
        (declaration / "cities" / f"city{number}.yaml").write_text(text)
    lines = refusal(declaration)
    assert f"{declaration}/cities:1:1: 253 cities, but numbers only for 250; declare fewer cities" in lines


def test_links_to_files_elsewhere_are_followed(
    declaration: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "konan"
    (declaration / "cities" / "konan.yaml").rename(elsewhere)
    (declaration / "cities" / "konan.yaml").symlink_to(elsewhere)
    assert load(declaration).city("konan").number == 5
