#!/usr/bin/python3
"""Print BIRD's BGP and BFD sessions as JSON: {"bgp": {address: state}, "bfd": {address: {...}}}.

BIRD answers people; this reads its answers for programs (the monitor's figures, drills, tests). A BFD session is
{"interface", "state", "sends_ms", "dead_after_ms"}: how often this host sends, and after what silence the
neighbour is dead (0: not negotiated). Exit status 1 where BIRD does not answer.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

TIMEOUT = 10.0
"""Seconds that BIRD may take."""
BGP_STATE = re.compile(r"^ +BGP state: +(\w+)$", re.MULTILINE)
NEIGHBOUR = re.compile(r"^ +Neighbor address: +([0-9.]+)", re.MULTILINE)
BFD_ROW = re.compile(
    r"^(?P<address>[0-9.]+) +(?P<interface>\S+) +(?P<state>\w+) +\S+ \S+ +(?P<sends>[0-9.]+) +(?P<dead>[0-9.]+)$",
    re.MULTILINE,
)


def bgp_sessions(answer: str) -> dict[str, str]:
    """Neighbour to state, out of `show protocols all`; protocols that only listen have no neighbour."""
    found = {}
    for block in answer.split("\n\n"):
        state, neighbour = BGP_STATE.search(block), NEIGHBOUR.search(block)
        if state and neighbour:
            found[neighbour[1]] = state[1]
    return found


def bfd_sessions(answer: str) -> dict[str, dict[str, str | int]]:
    """Neighbour to its session, out of `show bfd sessions`."""
    return {
        row["address"]: {
            "interface": row["interface"],
            "state": row["state"],
            "sends_ms": round(float(row["sends"]) * 1000),
            "dead_after_ms": round(float(row["dead"]) * 1000),
        }
        for row in BFD_ROW.finditer(answer)
    }


def ask(question: str) -> str:
    """BIRD's answer. Raises OSError and subprocess.SubprocessError."""
    command = ["/usr/sbin/birdc", "-r", *question.split()]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=True).stdout


def sessions() -> dict[str, dict[str, object]]:
    """All sessions, as they are now. Raises OSError and subprocess.SubprocessError."""
    return {
        "bgp": {**bgp_sessions(ask("show protocols all"))},
        "bfd": {**bfd_sessions(ask("show bfd sessions"))},
    }


def main() -> int:
    """See the module's head."""
    try:
        print(json.dumps(sessions()))
    except (OSError, subprocess.SubprocessError) as error:
        print(f"BIRD does not answer: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
