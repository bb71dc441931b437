"""The certificate page: a copy of the resident record (住民票の写し), to be printed as it is."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


def certificate_page(city: str, person: dict[str, Any]) -> str:
    """The page for ``person`` (a row with ``certificate`` and ``issued``), in the name of ``city`` (湖南市)."""
    return PAGES.get_template("certificate.html.j2").render(
        city=city,
        number=f"{person['certificate']:08d}",
        name=person["name"],
        kana=person["kana"],
        born=japanese(person["born"]),
        address=person["address"],
        since=japanese(person["since"]),
        issued=japanese(person["issued"].date()),
    )


ERAS = (
    (datetime.date(2019, 5, 1), "令和"),
    (datetime.date(1989, 1, 8), "平成"),
    (datetime.date(1926, 12, 25), "昭和"),
    (datetime.date(1912, 7, 30), "大正"),
    (datetime.date(1873, 1, 1), "明治"),
)
"""First days; of Meiji the first day of the present calendar, whose year was the sixth."""
FIRST_YEARS = {"明治": 1868}


def japanese(day: datetime.date) -> str:
    """A day in the Japanese calendar: 令和元年5月1日; before 1873 in the common one."""
    for first, era in ERAS:
        if day >= first:
            year = day.year - FIRST_YEARS.get(era, first.year) + 1
            return f"{era}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"{day.year}年{day.month}月{day.day}日"
