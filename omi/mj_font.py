"""The font of the MJ figures (Debian's fonts-ipamj-mincho): its glyphs are called after the figures."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

from omi.errors import MACHINE

FONT = Path("/usr/share/fonts/truetype/ipamj/ipamjm.ttf")
GLYPH = re.compile(r"mj([0-9]{6})")
STANDARD_VARIATIONS = range(0xFE00, 0xFE10)
"""Selectors that stand for compatibility characters; Japanese registers use the others."""
VARIATION_TABLE = 14


class NoFontError(Exception):
    """The font is not on this machine."""

    exit_code = MACHINE

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: no such font; apt-get install fonts-ipamj-mincho")


def opened(path: Path = FONT) -> TTFont:
    """The font. Raises NoFontError."""
    if not path.is_file():
        raise NoFontError(path)
    return TTFont(path, lazy=True)


def version(font: TTFont) -> str:
    """The font's name and version."""
    return f"{font['name'].getDebugName(6)} {font['head'].fontRevision:.3f}"


def spellings(font: TTFont) -> dict[str, list[str]]:
    """Every figure in the font to its spellings: code points first, then those with a variation selector."""
    alone: dict[int, str] = font.getBestCmap()
    found: defaultdict[str, set[str]] = defaultdict(set)
    for code, glyph in alone.items():
        found[glyph].add(chr(code))
    for table in font["cmap"].tables:
        if table.format == VARIATION_TABLE:
            for selector, pairs in table.uvsDict.items():
                for code, glyph in pairs:
                    found[glyph or alone[code]].add(chr(code) + chr(selector))
    figures = (glyph for glyph in font.getGlyphOrder() if GLYPH.fullmatch(glyph))
    return {f"MJ{glyph[2:]}": sorted(found[glyph], key=best_first) for glyph in figures}


def best_first(text: str) -> tuple[int, bool, str]:
    """The order of a figure's spellings: alone, then by registered variations, then by standard ones."""
    return len(text), ord(text[-1]) in STANDARD_VARIATIONS, text


class Outlines:
    """The figures' shapes as paths of SVG, drawn when they are asked for."""

    def __init__(self, font: TTFont) -> None:
        self._glyphs = font.getGlyphSet()
        self.units: int = font["head"].unitsPerEm
        self.ascent: int = font["hhea"].ascent

    def path(self, figure: str) -> str | None:
        """The path of a figure; None where the font has none."""
        name = figure.lower()
        if name not in self._glyphs:
            return None
        pen = SVGPathPen(self._glyphs, ntos=lambda number: str(round(number)))
        self._glyphs[name].draw(pen)
        return str(pen.getCommands())
