#!/usr/bin/python3
"""Fill empty file shares with made-up files, the same for a city in every run: ``sample_shares.py FOLDER CITY...``

Prints the cities whose share was filled. A share that has anything in it is left alone.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

SECTIONS = {
    "総務課": ["起案_会計年度任用職員の募集について.txt", "庁内会議_議事録.txt", "職員名簿（見本）.csv"],
    "税務課": ["固定資産税_当初通知_工程表.csv", "住民税_照会回答（見本）.txt"],
    "市民課": ["窓口混雑状況_四月.csv", "転入転出_手順書.txt", "外字_確認依頼（髙・﨑・𠮷）.txt"],
    "福祉課": ["民生委員_連絡網（見本）.csv", "敬老会_案内文.txt"],
    "建設課": ["道路補修_現場写真_001.jpg", "橋梁点検_図面.pdf"],
}
YEARS = ("令和7年度", "令和8年度")
NAMES = ("見本 太郎", "見本 花子", "髙見 本一", "𠮷見 本二")


def content(name: str, chance: random.Random) -> bytes:
    """Something that compresses as such a file does: text, a table, or what is compressed already."""
    if name.endswith((".jpg", ".pdf")):
        return chance.randbytes(chance.randint(20_000, 200_000))
    if name.endswith(".csv"):
        rows = (
            f"{n},{chance.choice(NAMES)},{chance.randint(1, 999_999)}" for n in range(chance.randint(20, 400))
        )
        return ("番号,氏名,値\r\n" + "\r\n".join(rows) + "\r\n").encode()
    lines = (
        f"{n}. これは見本です。{chance.choice(NAMES)} {chance.randint(1, 10**9)}"
        for n in range(chance.randint(5, 80))
    )
    return ("\n".join(lines) + "\n").encode()


def files(city: str) -> Iterator[tuple[Path, bytes]]:
    """Every file of the city's share, by its path inside it."""
    chance = random.Random(f"omi share of {city}")  # noqa: S311 - made-up files, not secrets
    for year in YEARS:
        for section, names in SECTIONS.items():
            for name in names:
                yield Path(year) / section / name, content(name, chance)


def main(folder: Path, cities: list[str]) -> None:
    """Fill what is empty."""
    for city in cities:
        share = folder / city
        if any(share.iterdir()):
            continue
        for path, data in files(city):
            (share / path).parent.mkdir(parents=True, exist_ok=True)
            (share / path).write_bytes(data)
        os.sync()
        print(city)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
