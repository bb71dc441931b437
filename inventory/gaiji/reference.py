"""The MJ figures (文字情報基盤の図形) and how Unicode spells them, read from ``mj.csv``.

The file is made from the font by `omi gaiji reference`: each line is a figure's name and its spellings, a code
point of its own first, then those with a variation selector: ``MJ026190,9089,9089 E010F``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from inventory.gaiji.notation import is_stable

FILE = "mj.csv"
HEADING = "# The MJ figures and how Unicode spells them, as {} has them. Made by `omi gaiji reference`.\n"


@dataclass(frozen=True)
class Reference:
    """Figure name to spellings, and back."""

    spellings: Mapping[str, tuple[str, ...]]
    figures: Mapping[str, str]

    def lasting(self, figure: str) -> tuple[str, ...]:
        """The figure's spellings that normalisation leaves alone, best first."""
        return tuple(text for text in self.spellings[figure] if is_stable(text))


@cache
def read(path: Path) -> Reference:
    """The reference in ``path``. It is part of the program, not of what people write: faults raise ValueError."""
    lines = path.read_text(encoding="ascii").splitlines()
    return parse(line for line in lines if not line.startswith("#"))


def parse(lines: Iterable[str]) -> Reference:
    """The reference in the lines of a file."""
    spellings: dict[str, tuple[str, ...]] = {}
    for line in lines:
        name, *codes = line.split(",")
        spellings[name] = tuple("".join(chr(int(number, 16)) for number in code.split(" ")) for code in codes)
    figures = {text: name for name, texts in spellings.items() for text in texts}
    return Reference(spellings, figures)


def unparse(spellings: Mapping[str, Sequence[str]]) -> str:
    """The lines for ``spellings``, as ``parse`` reads them."""
    lines = (
        ",".join((name, *(" ".join(f"{ord(c):04X}" for c in text) for text in texts)))
        for name, texts in sorted(spellings.items())
    )
    return "\n".join(lines) + "\n"
