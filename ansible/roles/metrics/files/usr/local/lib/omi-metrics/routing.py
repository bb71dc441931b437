"""Write what FRR says of a router's planned sessions where node_exporter reads it, again and again.

routing.py PLAN FILE    PLAN: JSON, a list of {address, peer, kind, interface}; FILE: what is written

A session that is planned and that FRR does not know is down. Where FRR does not answer nothing is written: what is
there then grows old, and that is an alert of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from textfile import INTERVAL, exposition, write

TIMEOUT = 10.0
"""Seconds that FRR may take."""
COMMANDS = ("show bfd peers json", "show bfd peers counters json", "show bgp ipv4 unicast summary json")
ABOUT = {
    "omi_bfd_up": ("gauge", "1 if the session over this line is up."),
    "omi_bfd_downs_total": ("counter", "How often the session has gone down."),
    "omi_bgp_established": ("gauge", "1 if routes are exchanged over this line."),
}
"""Metric to its type and what it says."""


def documents(words: str) -> list[Any]:
    """The JSON documents that stand in ``words`` one after the other. Raises ValueError."""
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(words.rstrip()):
        at += len(words[at:]) - len(words[at:].lstrip())
        document, at = decoder.raw_decode(words, at)
        found.append(document)
    return found


def readings(plan: list[dict[str, str]], bfd: Any, counters: Any, bgp: Any) -> dict[str, list[int]]:
    """Metric to its value for each planned session, in the plan's order."""
    up = {one["peer"]: one["status"] == "up" for one in bfd}
    downs = {one["peer"]: one["session-down"] for one in counters}
    sessions = bgp.get("peers", bgp.get("ipv4Unicast", {}).get("peers", {}))
    return {
        "omi_bfd_up": [int(up.get(one["address"], False)) for one in plan],
        "omi_bfd_downs_total": [int(downs.get(one["address"], 0)) for one in plan],
        "omi_bgp_established": [
            int(sessions.get(one["address"], {}).get("state") == "Established") for one in plan
        ],
    }


def text(plan: list[dict[str, str]], values: dict[str, list[int]]) -> str:
    """The readings as node_exporter reads them, each session by the names that people know it by."""
    labels = [{name: one[name] for name in ("peer", "kind", "interface")} for one in plan]
    return exposition(ABOUT, {metric: zip(labels, values[metric], strict=True) for metric in ABOUT})


def look(plan: list[dict[str, str]], file: Path) -> None:
    """Ask once and write. Raises OSError, ValueError and subprocess.SubprocessError."""
    words = [word for command in COMMANDS for word in ("-c", command)]
    done = subprocess.run(["vtysh", *words], capture_output=True, text=True, timeout=TIMEOUT, check=True)
    bfd, counters, bgp = documents(done.stdout)
    write(file, text(plan, readings(plan, bfd, counters, bgp)))


def main(arguments: list[str]) -> int:
    """See the module's head. It ends only with the unit."""
    plan, file = json.loads(Path(arguments[0]).read_text()), Path(arguments[1])
    said = ""
    while True:
        try:
            look(plan, file)
            problem = ""
        except (OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
            problem = f"FRR does not answer: {error}"
        if problem != said:
            print(problem or "FRR answers", file=sys.stderr, flush=True)
            said = problem
        time.sleep(INTERVAL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
