"""Write what BIRD says of a router's planned sessions where node_exporter reads it, again and again.

routing.py PLAN FILE    PLAN: JSON, a list of {address, peer, kind, interface}; FILE: what is written

A session that is planned and that BIRD does not know is down. Where BIRD does not answer nothing is written: what is
there then grows old, and that is an alert of its own. How often a session went down stands in the journal: a session
that fails and returns between two looks is counted too.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bird_sessions import sessions
from journal import follow
from textfile import INTERVAL, exposition, write

LOST = re.compile(r"Session to ([0-9.]+) changed state from Up to ")
"""BIRD's line for a neighbour that BFD gives up."""
ABOUT = {
    "omi_bfd_up": ("gauge", "1 if the session over this line is up."),
    "omi_bfd_downs_total": ("counter", "How often the session has gone down."),
    "omi_bgp_established": ("gauge", "1 if routes are exchanged over this line."),
}
"""Metric to its type and what it says."""


def count_loss(downs: Counter[str], line: str) -> None:
    """One line of BIRD's journal: a session that goes down adds one to its neighbour."""
    lost = LOST.search(line)
    if lost:
        downs[lost[1]] += 1


def readings(
    plan: list[dict[str, str]], seen: Mapping[str, Mapping[str, Any]], downs: Mapping[str, int]
) -> dict[str, list[int]]:
    """Metric to its value for each planned session, in the plan's order."""
    addresses = [one["address"] for one in plan]
    return {
        "omi_bfd_up": [int(seen["bfd"].get(address, {}).get("state") == "Up") for address in addresses],
        "omi_bfd_downs_total": [downs.get(address, 0) for address in addresses],
        "omi_bgp_established": [int(seen["bgp"].get(address) == "Established") for address in addresses],
    }


def text(plan: list[dict[str, str]], values: dict[str, list[int]]) -> str:
    """The readings as node_exporter reads them, each session by the names that people know it by."""
    labels = [{name: one[name] for name in ("peer", "kind", "interface")} for one in plan]
    return exposition(ABOUT, {metric: zip(labels, values[metric], strict=True) for metric in ABOUT})


def main(arguments: list[str]) -> int:
    """See the module's head. 1: the journal can be read no more; the unit begins anew."""
    plan, file = json.loads(Path(arguments[0]).read_text()), Path(arguments[1])
    downs: Counter[str] = Counter()
    reader = threading.Thread(
        target=follow, args=("bird", "now", lambda line: count_loss(downs, line)), daemon=True
    )
    reader.start()
    said = ""
    while reader.is_alive():
        try:
            write(file, text(plan, readings(plan, sessions(), downs)))
            problem = ""
        except (OSError, subprocess.SubprocessError) as error:
            problem = f"BIRD does not answer: {error}"
        if problem != said:
            print(problem or "BIRD answers", file=sys.stderr, flush=True)
            said = problem
        time.sleep(INTERVAL)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
