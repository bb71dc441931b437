"""A clerk in every city who asks the business system all the while (omi/drill/clerk.py)."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inventory.business import STANDARD
from inventory.database_plan import with_role
from omi.drill.reach import Lab

ENDING = 60
"""Seconds within which a clerk that is told to stop has stopped."""
Answers = dict[str, dict[str, Any]]
"""City to what its clerk counted."""


def proxy_of(lab: Lab, index: int) -> str:
    """The proxy that the city at ``index`` asks: the data center's in turn."""
    proxies = with_role(lab.topology.data_center, "proxy")
    return proxies[index % len(proxies)].name


@contextmanager
def at_work(lab: Lab) -> Iterator[Answers]:
    """Clerks at work during the body; what they counted is there after it. One that ended early has 1 failed."""
    program = shlex.quote(Path(__file__).with_name("clerk.py").read_text())
    clerks = {
        city.name: subprocess.Popen(
            lab.command(f"{city.name}-pc1", f"exec python3 -c {program} {proxy_of(lab, index)}"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index, city in enumerate(lab.topology.entitled(STANDARD))
    }
    answers: Answers = {}
    try:
        yield answers
    finally:
        for clerk in clerks.values():
            if clerk.stdin:
                clerk.stdin.close()
                clerk.stdin = None
        for city, clerk in clerks.items():
            answers[city] = counted(clerk)


def counted(clerk: subprocess.Popen[str]) -> dict[str, Any]:
    """What a clerk says at the end."""
    try:
        said, complaint = clerk.communicate(timeout=ENDING)
    except subprocess.TimeoutExpired:
        clerk.kill()
        said, complaint = "", f"no answer within {ENDING} s"
    if not said.strip():
        return {"asked": 0, "failed": 1, "slowest": 0.0, "failures": [complaint.strip()[-200:]]}
    answer: dict[str, Any] = json.loads(said)
    return answer
