"""Residents as they are declared at the counter: checked, with every mistake at once. Pure.

A name is kept code point by code point. It is never normalised: NFC alone would turn 神 (U+FA19) into 神 (U+795E),
and a variation selector or a private-use character is part of how a person's name is written.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from typing import Any, NamedTuple

from omi_web.http import Refusal

MOST_NAME = 200
"""Code points."""
MOST_ADDRESS = 300
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors: they choose a form of the character before them."""
HIRAGANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
"""Hiragana to katakana."""
KANA = re.compile("[ァ-ヺーヽヾ・ ]+")


class Resident(NamedTuple):
    """A person as registered."""

    name: str
    kana: str
    """Full-width katakana, one space between the parts."""
    born: datetime.date
    address: str
    since: datetime.date
    """Became a resident."""


def read_resident(body: dict[str, Any]) -> Resident:
    """The resident in a request's body. Raises Refusal 400 with everything that is wrong."""
    wrong: list[str] = []
    unknown = sorted(body.keys() - set(Resident._fields))
    wrong += [f"{key}: there is no such field" for key in unknown]
    resident = Resident(
        text(body, "name", MOST_NAME, wrong),
        kana(body, wrong),
        date(body, "born", wrong),
        text(body, "address", MOST_ADDRESS, wrong),
        date(body, "since", wrong),
    )
    if not wrong and resident.since < resident.born:
        wrong.append("since: before the person was born")
    if wrong:
        raise Refusal(400, *wrong)
    return resident


def text(body: dict[str, Any], key: str, most: int, wrong: list[str]) -> str:
    """A text of one line that UTF-8 can carry; what is not goes to ``wrong``."""
    value = body.get(key)
    if not isinstance(value, str) or not value.strip():
        wrong.append(f"{key}: write a text")
    elif len(value) > most:
        wrong.append(f"{key}: {len(value)} characters, {most} are the most")
    elif bad := sorted({f"U+{ord(c):04X}" for c in value if unicodedata.category(c) in {"Cc", "Cs"}}):
        wrong.append(f"{key}: no control characters or halves of characters ({', '.join(bad)})")
    else:
        return value
    return ""


def kana(body: dict[str, Any], wrong: list[str]) -> str:
    """The reading, in full-width katakana whatever kana it was typed in."""
    written = text(body, "kana", MOST_NAME, wrong)
    reading = katakana(written)
    if written and not KANA.fullmatch(reading):
        wrong.append("kana: write the reading in kana")
    return reading


def katakana(written: str) -> str:
    """Half-width and hiragana as full-width katakana, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", written).translate(HIRAGANA).split())


def date(body: dict[str, Any], key: str, wrong: list[str]) -> datetime.date:
    """A day as 1950-04-01."""
    try:
        return datetime.date.fromisoformat(body.get(key, ""))
    except (TypeError, ValueError):
        wrong.append(f"{key}: write a day such as 1950-04-01")
        return datetime.date.min


def searched(name: str) -> str:
    """What a name is found by: without spaces and without the choice of a character's form."""
    return SELECTORS.sub("", "".join(name.split()))


def prefix(start: str) -> str:
    """A LIKE pattern for what begins with ``start``, taken literally."""
    return re.sub(r"([\\%_])", r"\\\1", start) + "%"
