"""A browser that looks at one page of ours: what it says about it, and how wide the page comes out."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

ALONE = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")
"""It asks nobody else for anything."""
CHROMIUM = next(filter(shutil.which, ("chromium-headless-shell", "chromium")), None)
browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
MEASURE = (
    "<script>document.title = [document.documentElement.scrollWidth, window.innerWidth,"
    " getComputedStyle(document.body).fontSize].join(' ')</script></body>"
)


class Seen(NamedTuple):
    """Pixels: how wide the page is, how wide the window, how large the letters."""

    page: int
    window: int
    font: float


def chromium(page: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Chromium on the page, with what it says; it has to end well."""
    command = [
        str(CHROMIUM),
        *("--headless", "--no-sandbox", "--disable-gpu", *ALONE, "--enable-logging=stderr"),
        *options,
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-400:]
    return done


def seen(page: Path, html: str, width: int, height: int, *options: str) -> Seen:
    """Write ``html`` to ``page`` and look at it in a window of that size; no complaint on the console."""
    page.write_text(html.replace("</body>", MEASURE), encoding="utf-8")
    shown = chromium(page, f"--window-size={width},{height}", "--dump-dom", *options)
    assert "CONSOLE" not in shown.stderr
    found = re.search(r"<title>(\d+) (\d+) ([\d.]+)px</title>", shown.stdout)
    assert found is not None
    return Seen(int(found[1]), int(found[2]), float(found[3]))
