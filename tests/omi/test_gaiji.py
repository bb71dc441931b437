"""`omi gaiji`: what it prints and writes, its exit status, and the proof sheet in a browser."""

from __future__ import annotations

import json
import re
import shutil
import struct
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from inventory.gaiji import ledger
from omi import proof_sheet
from omi.cli import app
from omi.mj_font import FONT
from tests.browser import browser

ROOT = Path(__file__).parents[2]
DATA = ROOT / "inventory" / "data"
SOUND = ROOT / "tests" / "inventory" / "gaiji" / "sound"

font = pytest.mark.skipif(not FONT.is_file(), reason="no fonts-ipamj-mincho on this machine")


def omi(*words: object, text: bytes | None = None) -> Result:
    """Run `omi gaiji` with these words."""
    return CliRunner().invoke(app, ["gaiji", *map(str, words)], prog_name="omi", input=text)


@pytest.fixture
def draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The declaration with a few registers: two questions, and nothing in the ledger."""
    shutil.copytree(DATA, tmp_path / "draft", ignore=shutil.ignore_patterns("gaiji"))
    shutil.copytree(SOUND, tmp_path / "draft" / "gaiji")
    monkeypatch.chdir(tmp_path)
    return Path("draft")


@pytest.fixture
def answered(draft: Path) -> Path:
    """The same, with every question answered."""
    with (draft / "gaiji" / "decisions.csv").open("a") as file:
        file.write(
            "different,konan/E010,yasu/E002,looked\nsame,yasu/E003,MJ026190,the clerk counted the name\n"
        )
    return draft


def test_the_registers_here_are_sound_and_settled() -> None:
    result = omi("check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "1211 registered" in result.stdout
    assert result.stdout.count("made up") == 8


def test_open_questions_are_listed_with_exit_status_1(draft: Path) -> None:
    result = omi("check", "-i", draft)
    assert result.exit_code == 1
    expected = (SOUND.parent / "golden" / "questions.txt").read_text()
    assert expected.replace("gaiji/", "draft/gaiji/") in result.stdout
    assert "17 characters have no spelling yet" in result.stdout


def test_check_as_json(draft: Path) -> None:
    answer = json.loads(omi("check", "-i", draft, "--json").stdout)
    assert answer == {
        "registered": 17,
        "characters": 11,
        "shared": 3,
        "collisions": ["E000", "E002", "E003", "E004"],
        "repeated": [["konan/E000", "konan/E004", "konan/E006"], ["konan/E011", "konan/E012"]],
        "unrecorded": 17,
        "questions": [
            {"kind": "alike", "one": "konan/E010", "other": "yasu/E002"},
            {"kind": "contradiction", "one": "yasu/E003", "other": "konan/E000"},
        ],
    }


def test_nothing_is_given_while_a_question_is_open(draft: Path) -> None:
    result = omi("merge", "-i", draft, "--write", "-o", "table.json")
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 2)
    assert not (draft / "gaiji" / "unified.csv").exists()
    assert not Path("table.json").exists()


def test_spellings_are_given_once(answered: Path) -> None:
    assert omi("check", "-i", answered).exit_code == 1
    assert omi("merge", "-i", answered, "--write").stderr == "17 spellings given\n"
    written = (answered / "gaiji" / "unified.csv").read_bytes()
    assert omi("check", "-i", answered).exit_code == 0
    assert omi("merge", "-i", answered, "--write").stderr == "0 spellings given\n"
    assert (answered / "gaiji" / "unified.csv").read_bytes() == written
    assert written.decode().startswith(ledger.HEADING)


def test_a_register_is_tried_before_it_joins(answered: Path) -> None:
    omi("merge", "-i", answered, "--write")
    Path("otsu.csv").write_text("code,character,strokes,reading\nE000,none,9,ハラ\n")
    result = omi("check", "-i", answered, "--add", "otsu.csv")
    assert result.exit_code == 1
    assert "otsu.csv:2: otsu/E000 (9 strokes, ハラ)" in " ".join(result.stdout.split())
    assert omi("merge", "-i", answered, "--add", "otsu.csv", "--write").exit_code == 2
    Path("otsu.csv").write_text("code,character,strokes,reading\nE000,邉,x,\n")
    result = omi("check", "-i", answered, "--add", "otsu.csv")
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (2, "", 3)
    shutil.copy("otsu.csv", "konan.csv")
    assert "konan has a register in" in omi("check", "-i", answered, "--add", "konan.csv").stderr


def test_the_merge_is_the_table(answered: Path) -> None:
    table = json.loads(omi("merge", "-i", answered).stdout)
    assert table["cities"]["yasu"]["\ue001"] == "邉\U000e0110"
    assert omi("merge", "-i", answered, "-o", "table.json").stdout == ""
    assert json.loads(Path("table.json").read_text()) == table


def test_text_is_converted_there_and_back() -> None:
    city = "渡\ue00b様\r\n".encode()
    unified = omi("convert", "maibara", "--to", "unified", text=city)
    assert unified.exit_code == 0
    assert "\ue00b" not in unified.stdout
    assert omi("convert", "maibara", "--to", "city", text=unified.stdout_bytes).stdout_bytes == city


@pytest.mark.parametrize("text", ["\uf8ff".encode(), b"\xff"])
def test_text_that_is_not_the_citys_is_refused(text: bytes) -> None:
    result = omi("convert", "maibara", "--to", "unified", text=text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("standard input: ")
    assert omi("convert", "kyoto", "--to", "unified", text=b"").exit_code == 2


def test_the_example_is_the_seeds_and_another_seeds_is_another(tmp_path: Path) -> None:
    for name, words in {"one": (), "other": ("--seed", 7)}.items():
        assert omi("example", "-o", tmp_path / name, *words).exit_code == 0
    register = Path("gaiji/registers/koka.csv")
    assert (tmp_path / "one" / register).read_bytes() == (DATA / register).read_bytes()
    assert (tmp_path / "other" / register).read_bytes() != (DATA / register).read_bytes()


@font
def test_the_reference_here_is_the_fonts() -> None:
    assert omi("reference").stdout == (DATA / "gaiji" / "mj.csv").read_text()


def test_without_the_font_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("omi.mj_font.opened.__defaults__", (Path("/nowhere/ipamjm.ttf"),))
    result = omi("render", "-o", tmp_path / "sheet.html")
    assert (result.exit_code, result.stderr) == (
        3,
        "/nowhere/ipamjm.ttf: no such font; apt-get install fonts-ipamj-mincho\n",
    )


@font
@pytest.mark.parametrize("language", proof_sheet.ORDER)
def test_the_sheet_needs_nothing_but_itself_and_shows_everything(draft: Path, language: str) -> None:
    assert omi("render", "-i", draft, "-o", "sheet.html", "--lang", language).exit_code == 0
    page = Path("sheet.html").read_text()
    assert f'<html lang="{language}">' in page
    assert not re.search(r"<script|@import|url\(|src=|href=\"(?!data:)|https?://", page)
    titles = {"en": ("Konan", "Yasu"), "ja": ("湖南市", "野洲市")}[language]
    for title, codes in zip(titles, (("E000", "E7FF"), ("E000", "E004")), strict=True):
        assert all(f"<small>{title} {code}</small>" in page for code in codes)
    assert page.count('<div class="pair">') == 2
    assert 'class="made-up"' not in page


@font
def test_the_sheet_of_one_city_shows_what_it_registered_and_says_what_is_made_up(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.html"
    assert omi("render", "-o", sheet, "--city", "maibara", "--lang", "en").exit_code == 0
    page = sheet.read_text()
    assert '<p class="made-up">These registers are made up' in page
    codes = re.findall(r"^E[0-9A-F]{3}", (DATA / "gaiji" / "registers" / "maibara.csv").read_text(), re.M)
    assert all(f"<small>Maibara {code}</small>" in page for code in codes)
    assert omi("render", "-o", sheet, "--city", "kyoto").exit_code == 2


@font
@browser
def test_the_picture_is_the_whole_page(draft: Path) -> None:
    assert omi("render", "-i", draft, "-o", "sheet.html", "--png", "sheet.png").exit_code == 0
    picture = Path("sheet.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    assert width == 1280
    assert 800 < height < 4000


@font
@browser
def test_a_sheet_that_fits_into_no_picture_is_refused(tmp_path: Path) -> None:
    result = omi("render", "-o", tmp_path / "sheet.html", "--png", tmp_path / "sheet.png")
    assert result.exit_code == 2
    assert "choose cities by --city" in result.stderr
    assert not (tmp_path / "sheet.png").exists()
