"""The proof sheet: every registered character, drawn, for a person to look at. One HTML file that needs nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from inventory.gaiji.merge import Merged
from inventory.gaiji.model import Entry
from inventory.gaiji.notation import MJ, written
from inventory.gaiji.questions import Question
from omi.errors import MACHINE
from omi.mj_font import Outlines, opened

TEMPLATE = "proof_sheet.html.j2"
ORDER = ("en", "ja")
WORDS: dict[str, tuple[str, str]] = {
    "title": ("Unified non-standard characters: proof sheet", "統一外字 校正刷り"),
    "made_up": (
        "These registers are made up: they are no city's own.",
        "架空のデータです。実際の市の外字台帳ではありません。",
    ),
    "counts": (
        "{registered} registered code points, {characters} characters. {collisions} code points mean different"
        " characters in different cities; each city's text is read by its own register.",
        "登録コード {registered} 件、文字 {characters} 字。市により意味の異なるコードが {collisions} 件ありますが、"
        "各市の文字データは、その市の台帳で読み取ります。",
    ),
    "shapes": (
        "Shapes: IPAmjMincho, by MJ figure. Compare each with the city's own font.",
        "字形: IPAmj明朝（MJ文字図形名による）。各市の外字フォントと見比べてください。",
    ),
    "questions": ("For a person to answer", "人が判断する項目"),
    "no_questions": ("None.", "ありません。"),
    "alike": ("Evidence agrees: the same character?", "画数と読みが合います。同じ文字ですか。"),
    "contradiction": (
        "One figure, contradicting evidence: is one register wrong?",
        "同じ図形名で、画数・読みが食い違います。台帳の誤りではありませんか。",
    ),
    "repeated": ("Registered twice by one city", "ひとつの市で重複した登録"),
    "repeated_note": (
        "Each code keeps a spelling of its own, so that text comes back as it was.",
        "元の文字データへ戻せるように、コードごとに別の統一コードを割り当てています。",
    ),
    "without": ("Without an MJ figure", "MJ文字図形のない文字"),
    "without_note": (
        "What Unicode lacks, too, has a code point of the cities' own. A shape has to be drawn. In order of strokes.",
        "Unicode にもない文字には、共同の外字領域のコードを割り当てました。字形の作成が必要です。画数の順です。",
    ),
    "figures": ("With an MJ figure", "MJ文字図形のある文字"),
    "figures_note": ("By figure.", "図形名の順です。"),
    "no_shape": ("no shape yet", "字形未作成"),
    "strokes": ("{} strokes", "{}画"),
}


ALONE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
)
"""A browser that looks at one page of ours and asks nobody else for anything."""
MEASURE = "<script>document.title = document.documentElement.scrollHeight</script></body>"
TALLEST = 16_000
"""Pixels of a picture's height: what Chromium draws in one piece."""


class TooLongError(Exception):
    """The page does not fit into a picture."""

    exit_code = 2

    def __init__(self, height: int) -> None:
        super().__init__(
            f"the sheet is {height:,} pixels long, a picture at most {TALLEST:,}; choose cities by --city"
        )


class NoBrowserError(Exception):
    """There is no browser to take the picture with."""

    exit_code = MACHINE

    def __init__(self) -> None:
        super().__init__("no Chromium on this machine to take the picture with; apt-get install chromium")


def render(merged: Merged, titles: Mapping[str, Mapping[str, str]], language: str, cities: set[str]) -> str:
    """The page with what ``cities`` registered; ``titles`` are cities' names in both languages."""
    sheet = Sheet(merged, titles, language)
    folder = Path(__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
    chosen = {
        name: entries
        for name, entries in sorted(merged.members.items())
        if any(entry.place.city in cities for entry in entries)
    }
    repeated = [entries for entries in merged.repeated if entries[0].place.city in cities]
    return environment.get_template(TEMPLATE).render(
        language=language,
        said=sheet.said,
        units=sheet.outlines.units,
        ascent=sheet.outlines.ascent,
        made_up=any(register.made_up for register in merged.registers if register.city in cities),
        counts={
            "registered": sum(len(r.entries) for r in merged.registers if r.city in cities),
            "characters": len(chosen),
            "collisions": len(merged.collisions),
        },
        questions=[sheet.question(question) for question in merged.questions if concerns(question, cities)],
        sections=[
            ("repeated", [sheet.cell(merged.name_of[entries[0].place], entries) for entries in repeated]),
            (
                "without",
                [
                    sheet.cell(n, chosen[n])
                    for n in sorted(chosen, key=strokes(chosen))
                    if not MJ.fullmatch(n)
                ],
            ),
            ("figures", [sheet.cell(n, e) for n, e in chosen.items() if MJ.fullmatch(n)]),
        ],
    )


def strokes(chosen: Mapping[str, Sequence[Entry]]) -> Callable[[str], tuple[int, list[str]]]:
    """By what characters stand in order: those that may be the same stand close to each other."""
    return lambda name: (chosen[name][0].strokes, sorted(chosen[name][0].readings))


def concerns(question: Question, cities: set[str]) -> bool:
    """Whether it is about a register of one of these cities."""
    return question.one.place.city in cities or question.other.place.city in cities


class Sheet:
    """Cells of the page, in one language."""

    def __init__(self, merged: Merged, titles: Mapping[str, Mapping[str, str]], language: str) -> None:
        self.merged = merged
        self.said = {key: both[ORDER.index(language)] for key, both in WORDS.items()}
        self.titles = {city: title[language] for city, title in titles.items()}
        self.outlines = Outlines(opened())

    def cell(self, name: str, entries: Sequence[Entry]) -> dict[str, Any]:
        """A character with its evidence, and where it is registered."""
        strokes = sorted({entry.strokes for entry in entries})
        readings = sorted(set().union(*(entry.readings for entry in entries)))
        spellings = list(dict.fromkeys(self.merged.spellings[entry.place] for entry in entries))
        return {
            "name": name,
            "path": self.outlines.path(name) if MJ.fullmatch(name) else None,
            "spelling": " / ".join(map(written, spellings)),
            "evidence": " ".join((self.said["strokes"].format("/".join(map(str, strokes))), *readings)),
            "places": [self.place(entry) for entry in entries],
        }

    def place(self, entry: Entry) -> str:
        """Where a character is registered, for a person."""
        return f"{self.titles.get(entry.place.city, entry.place.city)} {entry.place.code:04X}"

    def question(self, question: Question) -> dict[str, Any]:
        """A question with both characters beside each other."""
        one, other = (
            self.cell(self.merged.name_of[entry.place], [entry]) for entry in (question.one, question.other)
        )
        return {"kind": question.kind, "one": one, "other": other}


def photograph(page: Path, picture: Path, width: int = 1280) -> None:
    """A picture (PNG) of the whole page, ``width`` pixels wide. Raises NoBrowserError, TooLongError."""
    chromium = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium"))), None)
    if chromium is None:
        raise NoBrowserError
    with tempfile.TemporaryDirectory() as folder:
        measured = Path(folder) / "page.html"
        measured.write_text(page.read_text(encoding="utf-8").replace("</body>", MEASURE), encoding="utf-8")
        command = (chromium, *ALONE, f"--user-data-dir={folder}/profile", "--virtual-time-budget=1000")
        seen = browse((*command, f"--window-size={width},1000", "--dump-dom", measured.as_uri()))
        height = int(re.findall(r"<title>(\d+)</title>", seen)[0])
        if height > TALLEST:
            raise TooLongError(height)
        shot = f"--screenshot={picture.resolve()}"
        browse((*command, f"--window-size={width},{height}", shot, page.resolve().as_uri()))


def browse(command: Sequence[str]) -> str:
    """What the browser prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
