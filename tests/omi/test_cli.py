"""The command line, from inside: what it prints, and its exit status."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from omi import cli
from omi.cli import WORDS, app

ROOT = Path(__file__).parents[2]
DATA = ROOT / "inventory" / "data"


def omi(*words: str) -> Result:
    """Run `omi` with these words."""
    return CliRunner().invoke(app, words, prog_name="omi")


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the declaration with two faults, in the current folder."""
    shutil.copytree(DATA, tmp_path / "draft")
    konan = tmp_path / "draft" / "cities" / "konan.yaml"
    konan.write_text(konan.read_text().replace("number: 5", "number: 4").replace("founder", "soon"))
    monkeypatch.chdir(tmp_path)
    return Path("draft")


FAULTS = [
    "draft/cities/konan.yaml:5:9: joined: 'soon' is not allowed; write 'founder', 'later' or 'candidate'",
    "draft/cities/yasu.yaml:4:9: number 4 is draft/cities/konan.yaml's already;"
    " give each city a number of its own",
]


def test_check_shows_what_is_declared() -> None:
    result = omi("check")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "近江八幡市" in result.stdout
    assert "10.6.0.0/16" in result.stdout
    assert "\x1b" not in result.stdout


def test_check_refuses_with_every_fault_on_standard_error(faulty: Path) -> None:
    result = omi("check", "--inventory", str(faulty))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == FAULTS


@pytest.mark.parametrize("words", [("addresses",), ("addresses", "--csv"), ("plan", "--json"), ("graph",)])
def test_every_command_refuses_a_faulty_declaration_alike(faulty: Path, words: tuple[str, ...]) -> None:
    result = omi("inventory", *words, "-i", str(faulty))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == FAULTS


def test_check_as_json_is_the_same_in_parts(faulty: Path) -> None:
    result = omi("check", "-i", str(faulty), "--json")
    assert result.exit_code == 2
    answer = json.loads(result.stdout)
    assert answer["ok"] is False
    assert answer["digest"] is None
    assert answer["problems"][0] == {
        "file": "draft/cities/konan.yaml",
        "line": 5,
        "column": 9,
        "wrong": "joined: 'soon' is not allowed",
        "right": "write 'founder', 'later' or 'candidate'",
    }


def test_check_as_json_of_a_sound_declaration_gives_its_digest() -> None:
    answer = json.loads(omi("check", "--json").stdout)
    assert answer == {"ok": True, "problems": [], "digest": answer["digest"]}
    assert len(answer["digest"]) == 64
    assert json.loads(omi("check", "--json", "--add", "otsu").stdout)["digest"] != answer["digest"]


def test_candidates_join_by_name_in_one_word_or_several() -> None:
    one = omi("inventory", "plan", "--json", "--add", "otsu, hikone").stdout
    assert one == omi("inventory", "plan", "--json", "--add", "hikone", "--add", "otsu").stdout
    assert [site["name"] for site in json.loads(one)["sites"]][-2:] == ["otsu", "hikone"]


def test_a_candidate_that_is_none_is_refused_with_those_there_are() -> None:
    result = omi("check", "--add", "kyoto")
    assert result.exit_code == 2
    assert "no candidate 'kyoto'; there are: aisho, higashiomi, hikone, hino," in result.stderr


def test_addresses_come_as_table_csv_and_json_with_the_same_content() -> None:
    table = omi("inventory", "addresses").stdout
    rows = json.loads(omi("inventory", "addresses", "--json").stdout)
    read = list(csv.DictReader(io.StringIO(omi("inventory", "addresses", "--csv").stdout)))
    assert len(rows) == len(read) == table.count("/20") + table.count("/24") + table.count("/31")
    for row, line in zip(rows, read, strict=True):
        assert {key: "" if value is None else str(value) for key, value in row.items()} == line
        assert row["address"] in table


def test_csv_and_json_exclude_each_other() -> None:
    result = omi("inventory", "addresses", "--csv", "--json")
    assert result.exit_code == 2
    assert "exclude each other" in result.stderr


def test_the_plan_lists_every_network() -> None:
    listed = omi("inventory", "plan").stdout
    sites = json.loads(omi("inventory", "plan", "--json").stdout)["sites"]
    assert all(network["name"] in listed for site in sites for network in site["networks"])


@pytest.mark.parametrize(("language", "file"), [("en", "cloud.svg"), ("ja", "cloud.ja.svg")])
def test_the_graph_goes_to_standard_output_or_a_file(tmp_path: Path, language: str, file: str) -> None:
    path = tmp_path / "new" / "cloud.svg"
    result = omi("inventory", "graph", "--lang", language, "--output", str(path))
    assert (result.exit_code, result.stdout) == (0, "")
    assert path.read_text() == omi("inventory", "graph", "--lang", language).stdout
    assert path.read_text() == (ROOT / "docs" / file).read_text()


def test_the_schemas_are_written_beside_the_declaration(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "draft", ignore=shutil.ignore_patterns("schema"))
    result = omi("inventory", "schema", "-i", str(tmp_path / "draft"))
    written = tmp_path / "draft" / "schema"
    assert result.stdout.split() == [str(written / "cloud.schema.json"), str(written / "city.schema.json")]
    for path in written.iterdir():
        assert path.read_text() == (DATA / "schema" / path.name).read_text()


def test_what_cannot_be_written_is_the_machines_fault() -> None:
    result = omi("inventory", "graph", "--output", "/proc/none/cloud.svg")
    assert result.exit_code == 3
    assert result.stderr == (
        "/proc/none/cloud.svg: cannot be written (No such file or directory); choose another --output\n"
    )


def test_an_output_that_is_a_folder_is_said_to_be_one(tmp_path: Path) -> None:
    result = omi("inventory", "graph", "--output", str(tmp_path))
    assert (result.exit_code, result.stderr) == (
        3,
        f"{tmp_path}: cannot be written (Is a directory); choose another --output\n",
    )


@pytest.mark.parametrize("words", [("chek",), ("inventory", "adresses"), ("check", "--jsn"), ("check", "-i")])
def test_mistyped_words_are_bad_input(words: tuple[str, ...]) -> None:
    result = omi(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Error" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_mistyped_word_is_answered_with_the_right_one() -> None:
    assert "Did you mean 'check'?" in omi("chek").stderr


@pytest.mark.parametrize("words", [(), *((word,) for word in WORDS if word != "lab")])
def test_help_teaches(words: tuple[str, ...]) -> None:
    result = omi(*words, "--help")
    assert result.exit_code == 0
    assert "Usage: omi" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    "words", [("check",), ("inventory", "addresses"), ("inventory", "plan"), ("inventory", "graph")]
)
def test_help_shows_examples_that_work(words: tuple[str, ...]) -> None:
    shown = " ".join(omi(*words, "--help").stdout.split())
    assert f"Examples: omi {' '.join(words)}" in shown


def test_errors_that_know_their_exit_status_are_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class StandInError(Exception):
        exit_code = 3

    raise_instead(monkeypatch, StandInError("no room on the disk; make some"))
    result = omi("check")
    assert (result.exit_code, result.stderr) == (3, "no room on the disk; make some\n")


def test_an_unforeseen_error_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    raise_instead(monkeypatch, ZeroDivisionError("division by zero"))
    result = omi("check")
    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        "omi: a mistake in omi itself: ZeroDivisionError: division by zero",
        "set OMI_TRACEBACK=1 to see where, and report it",
    ]


def test_an_unforeseen_error_shows_its_traceback_to_those_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    raise_instead(monkeypatch, ZeroDivisionError())
    monkeypatch.setenv("OMI_TRACEBACK", "1")
    assert "Traceback" in omi("check").stderr


@pytest.mark.parametrize(
    ("error", "status"),
    [(KeyboardInterrupt(), 130), (PermissionError(13, "Permission denied", "/etc/shadow"), 3)],
)
def test_interruption_and_a_refusing_machine_have_their_own_status(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int
) -> None:
    raise_instead(monkeypatch, error)
    result = omi("check")
    assert result.exit_code == status
    assert "Traceback" not in result.stderr


def raise_instead(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let `omi check` fail with ``error``."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("omi.check_command.declared", fail)


def test_every_word_has_a_module_with_commands() -> None:
    for word in WORDS:
        assert cli.Word(word, *WORDS[word]).make_context(word, ["--help"], resilient_parsing=True)
