"""What is written in the picture, in either language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inventory.topology import Site


class Language(StrEnum):
    """The language of the words in the picture; names of places are there in both."""

    EN = "en"
    JA = "ja"


@dataclass(frozen=True)
class Words:
    """The words of one language; braces are filled in."""

    language: Language
    summary: str
    lands_on: str
    active: str
    standby: str
    guarantees: str
    access: str

    def pick(self, english: str, japanese: str) -> str:
        """Whichever is this language's."""
        return japanese if self.language is Language.JA else english

    def names(self, site: Site) -> tuple[str, str]:
        """The site's name in this language and in the other one."""
        names = (site.title_en, site.title_ja)
        return names if self.language is Language.EN else (names[1], names[0])


ENGLISH = Words(
    language=Language.EN,
    summary="{cities} city halls, {lines} lines, {hosts} hosts",
    lands_on="line to {edge}",
    active="active",
    standby="standby",
    guarantees="{name}: {share} guaranteed",
    access="disaster access, {rates} each, used when the data center is gone",
)
JAPANESE = Words(
    language=Language.JA,
    summary="{cities}市・{lines}回線・{hosts}ホスト",
    lands_on="{edge} への回線",
    active="稼働",
    standby="待機",
    guarantees="{name}：{share}保証",
    access="災害時アクセス（各{rates}）データセンター被災時のみ使用",
)


def words_of(language: Language) -> Words:
    """The words of ``language``."""
    return JAPANESE if language is Language.JA else ENGLISH


def rate(bps: int) -> str:
    """A rate as people say it."""
    for unit, size in (("Gbps", 10**9), ("Mbps", 10**6), ("kbps", 10**3)):
        if bps >= size:
            return f"{bps / size:g} {unit}"
    return f"{bps} bps"
