"""Characters a declaration may hold: what a person cannot see may not reach a terminal or a picture."""

from __future__ import annotations

import unicodedata

NONCHARACTERS = "\ufffe\uffff"


def is_invisible(character: str) -> bool:
    """Whether it is a control, a format that reorders what is read, or no character at all; a tab is not."""
    if character.isascii():
        return not character.isprintable() and character != "\t"
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") or character in NONCHARACTERS


def visible(text: str) -> str:
    """``text`` as a message may show it: what cannot be seen or printed is written as an escape."""
    return "".join(
        character.encode("unicode_escape").decode() if is_invisible(character) else character
        for character in text
    )
