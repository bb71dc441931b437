"""The pool of desktops as a drill sees it: the session hosts and what is on them, the brokers and what they say."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

from inventory.database_plan import with_role
from inventory.desktop_plan import FIRST_ID, zone
from inventory.topology import Topology
from lab.errors import LabError
from omi.drill.reach import Lab

GIVEN_BACK = 60
"""Seconds within which every profile is back in the store once its desktop has ended."""
LIBRARY = "/usr/local/lib/omi-desktop"
MEASURE = f"""
import json, os, sys
from pathlib import Path
sys.path.insert(0, "{LIBRARY}")
import load
memory = desktops = 0
for process in Path("/proc").iterdir():
    try:
        if process.name.isdigit() and process.stat().st_uid >= {FIRST_ID}:
            lines = (process / "smaps_rollup").read_text().splitlines()
            pss = next(line for line in lines if line.startswith("Pss:"))
            memory += int(pss.split()[1]) * 1024
            desktops += (process / "comm").read_text().strip() == "Xorg"
    except (OSError, StopIteration):
        pass
card = Path("/sys/class/net/lan-%s/statistics")
traffic = sum(int((card / name).read_text()) for name in ("rx_bytes", "tx_bytes"))
print(json.dumps({{"seconds": load.processor_seconds(), "memory": memory, "desktops": desktops, "bytes": traffic}}))
"""
STATES = "echo show stat desks | socat - /run/haproxy/admin.sock"


def desks(topology: Topology) -> list[str]:
    """The session hosts."""
    return [host.name for host in with_role(topology.data_center, "desk")]


def brokers(topology: Topology) -> list[str]:
    """The brokers."""
    return [host.name for host in with_role(topology.data_center, "broker")]


def measured(lab: Lab) -> dict[str, float]:
    """All session hosts together: processor seconds, bytes on the wire, memory and number of desktops."""
    script = MEASURE % zone(lab.topology)
    answers = [json.loads(lab.on(host, "python3 -", script)) for host in desks(lab.topology)]
    return {name: sum(one[name] for one in answers) for name in answers[0]}


def sessions(lab: Lab) -> dict[str, list[str]]:
    """Session host to the people who have a desktop there. A host that does not answer is left out."""
    answers = lab.everywhere(desks(lab.topology), "desktop-host sessions")
    return {host: said.split() for host, said in answers.items() if isinstance(said, str)}


def displays(lab: Lab) -> dict[str, str]:
    """Person to host and number of the process that draws the desktop: the same one, if it is the same desktop."""
    words = "ps -C Xorg -o user:16=,pid="
    answers = lab.everywhere(desks(lab.topology), f"{words} || true")
    lines = [
        (host, line.split())
        for host, said in answers.items()
        if isinstance(said, str)
        for line in said.splitlines()
    ]
    return {person: f"{host} {number}" for host, (person, number) in lines}


def sign_everybody_out(lab: Lab) -> None:
    """End all desktops, and wait until the profiles are given back. Raises LabError where one is not."""
    deadline = time.monotonic() + GIVEN_BACK
    while left := {host: people for host, people in sessions(lab).items() if people}:
        for host, there in left.items():
            lab.on(host, "; ".join(f"desktop-host end {person}" for person in there), seconds=120)
        if time.monotonic() > deadline:
            raise LabError(f"these desktops do not end: {left}", "see the journal of desktop-agent there")
        time.sleep(1)


def write_memos(lab: Lab, text: str) -> dict[str, str]:
    """Write a file into each home that is out; the person to what was written."""
    written = {}
    for host, there in sessions(lab).items():
        for person in there:
            lab.on(host, f"runuser -u {person} -- sh -c 'cat > ~/memo' ", f"{text} {person}")
            written[person] = f"{text} {person}"
    return written


def memos(lab: Lab) -> dict[str, str]:
    """The same files, wherever their people are now."""
    words = "for p in $(desktop-host sessions); do echo \"$(runuser -u $p -- sh -c 'cat ~/memo')\"; done"
    answers = lab.everywhere(desks(lab.topology), words)
    lines = [line for said in answers.values() if isinstance(said, str) for line in said.splitlines() if line]
    return {line.rsplit(" ", 1)[1]: line for line in lines}


def states(stat: str) -> dict[str, str]:
    """HAProxy's table of servers (CSV): server to its state, such as UP, DRAIN, DOWN."""
    rows = [line.split(",") for line in stat.removeprefix("# ").splitlines() if line.strip()]
    column = rows[0].index("status")
    return {row[1]: row[column].split()[0] for row in rows[1:] if row[0] == "desks" and row[1] != "BACKEND"}


def pool_problems(found: dict[str, Any], wanted: Iterable[str]) -> list[str]:
    """What is not well in the pool. ``found``: broker to what it says of the session hosts, or why it does not."""
    problems = []
    for broker, stat in found.items():
        if isinstance(stat, Exception):
            problems.append(f"{broker}: the broker does not answer")
            continue
        seen = states(stat)
        problems += [
            f"{desk}: {seen.get(desk, 'unknown').lower()} at {broker}"
            for desk in wanted
            if seen.get(desk) != "UP"
        ]
    return problems


def health(lab: Lab) -> list[str]:
    """The pool, asked of both brokers. All is well where there is none."""
    return pool_problems(dict(lab.everywhere(brokers(lab.topology), STATES)), desks(lab.topology))
