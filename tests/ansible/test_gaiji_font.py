"""The role gaiji's program makes a font of the cities' own code points, and the rules let programs find it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from inventory.gaiji import table
from inventory.gaiji.load import load
from omi.mj_font import FONT

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "ansible" / "roles" / "gaiji" / "files" / "usr" / "local" / "sbin" / "make-gaiji-font"
RULES = ROOT / "tests" / "ansible" / "golden" / "konan-pc1" / "gaiji" / "etc/fonts/conf.d/30-omi-gaiji.conf"
HAS_FONTTOOLS = subprocess.run(
    ["/usr/bin/python3", "-c", "import fontTools"], check=False, capture_output=True
)

pytestmark = pytest.mark.skipif(
    not FONT.is_file() or HAS_FONTTOOLS.returncode != 0 or not shutil.which("fc-match"),
    reason="no fonts-ipamj-mincho, python3-fonttools or fontconfig on this machine",
)


@pytest.fixture(scope="module")
def content() -> dict:
    """The table of this repository's registers."""
    return table.table(load())


@pytest.fixture(scope="module")
def made(content: dict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The font for it, made as a host makes it: by Debian's Python."""
    folder = tmp_path_factory.mktemp("fonts")
    (folder / "table.json").write_text(table.unparse(content))
    make(folder / "table.json", folder / "own" / "omi-gaiji.ttf")
    return folder / "own" / "omi-gaiji.ttf"


def make(content: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Run the program."""
    words = ["/usr/bin/python3", PROGRAM, "Omi Gaiji", content, FONT, target]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_every_code_point_shows_its_figure(content: dict, made: Path) -> None:
    own, figures = TTFont(made), TTFont(FONT)
    shapes, originals = own.getGlyphSet(), figures.getGlyphSet()
    shown = own.getBestCmap()
    assert {chr(code) for code in shown} == set(content["figures"])
    for text, figure in content["figures"].items():
        assert outline(shapes, shown[ord(text)]) == outline(originals, figure.lower())


def outline(glyphs, name: str) -> str:
    """A glyph's outline."""
    from fontTools.pens.svgPathPen import SVGPathPen

    pen = SVGPathPen(glyphs)
    glyphs[name].draw(pen)
    return pen.getCommands()


def test_it_has_a_name_of_its_own_and_keeps_the_licence(made: Path) -> None:
    names = {record.nameID: record.toUnicode() for record in TTFont(made)["name"].names}
    assert names[1] == names[4] == "Omi Gaiji"
    assert not any("ipa" in names[number].lower() for number in (1, 3, 4, 6))
    assert "ipa_font_license" in names[13]


def test_programs_find_each_character(content: dict, made: Path, tmp_path: Path) -> None:
    (tmp_path / "fonts.conf").write_text(
        f"<fontconfig><include>/etc/fonts/fonts.conf</include><include>{RULES}</include>"
        f"<dir>{made.parent}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>"
    )
    environment = {**os.environ, "FONTCONFIG_FILE": str(tmp_path / "fonts.conf")}

    def family(pattern: str) -> str:
        command = ["fc-match", pattern, "family"]
        found = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
        return found.strip().split(",")[0]

    own = sorted(content["figures"])[0]
    bases = {text[0] for city in content["cities"].values() for text in city.values()} - set(
        content["figures"]
    )
    for base in sorted(base for base in bases if ord(base) < 0xF0000)[::50]:
        assert family(f"gaiji:charset={ord(base):x}") == "IPAmjMincho"
        assert family(f"sans-serif:charset={ord(base):x}") == "IPAmjMincho"
    assert family(f"gaiji:charset={ord(own):x}") == "Omi Gaiji"
    assert family(f"monospace:charset={ord(own):x}") == "Omi Gaiji"
    assert family("serif:lang=ja") == "IPAmjMincho"
    assert family("sans-serif") != "IPAmjMincho"


def test_without_characters_of_their_own_there_is_no_font(tmp_path: Path) -> None:
    (tmp_path / "table.json").write_text(json.dumps({"figures": {}}))
    (tmp_path / "old.ttf").write_text("")
    assert make(tmp_path / "table.json", tmp_path / "old.ttf").returncode == 0
    assert not (tmp_path / "old.ttf").exists()


def test_a_figure_that_the_font_has_not_is_named_and_the_old_font_stays(tmp_path: Path) -> None:
    (tmp_path / "table.json").write_text(json.dumps({"figures": {"\U000f0000": "MJ999999"}}))
    (tmp_path / "old.ttf").write_text("old")
    done = make(tmp_path / "table.json", tmp_path / "old.ttf")
    assert done.returncode == 1
    assert "has no mj999999" in done.stderr
    assert (tmp_path / "old.ttf").read_text() == "old"
