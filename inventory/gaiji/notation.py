"""How characters are written in registers and messages, and what of a text is ordinary."""

from __future__ import annotations

import re
import unicodedata

PRIVATE = range(0xE000, 0xF900)
"""Where a city has its own characters."""
UNIFIED = range(0xF0000, 0xFFFFE)
"""Where all cities together have characters that Unicode has not."""
COPIES = range(0x100000, 0x10FFFE)
"""Where they have further spellings of a character that one city registered more than once."""

MJ = re.compile(r"MJ[0-9]{6}")
CODE_POINT = re.compile(r"U\+([0-9A-F]{4,6})")
PLACE = re.compile(r"([a-z][a-z0-9]{1,15})/([0-9A-F]{4})")
ORDINARY = "cp932"
"""The character set that the cities' old systems have beside their own characters."""


def written(text: str) -> str:
    """``text`` as registers write it: ``U+9089 U+E010F``."""
    return " ".join(f"U+{ord(character):04X}" for character in text)


def spelled(notation: str) -> str | None:
    """The text that ``U+9089 U+E010F`` writes; None where it writes none."""
    parts = [CODE_POINT.fullmatch(part) for part in notation.split(" ")]
    numbers = [int(part[1], 16) for part in parts if part]
    if len(numbers) != len(parts) or any(number > 0x10FFFF or is_surrogate(number) for number in numbers):
        return None
    return "".join(map(chr, numbers))


def is_surrogate(number: int) -> bool:
    """Whether the number is half of a pair of UTF-16 and no character."""
    return 0xD800 <= number < 0xE000


def is_private(character: str) -> bool:
    """Whether Unicode leaves its meaning to us."""
    return unicodedata.category(character) == "Co"


def is_ordinary(character: str) -> bool:
    """Whether the cities' old systems have it without registering it."""
    if is_private(character):
        return False
    try:
        character.encode(ORDINARY)
    except UnicodeEncodeError:
        return False
    return True


def is_stable(text: str) -> bool:
    """Whether Unicode's normalisation leaves it alone; it makes 神 of U+FA19, whatever a register says."""
    return unicodedata.normalize("NFC", text) == text
