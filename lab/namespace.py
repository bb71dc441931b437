"""The lab's network namespace: its own loopback, no way out, and nothing routed through it."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from lab.commands import run
from lab.paths import LabPaths

OWN_NAMESPACE = Path("/proc/self/ns/net")
# A bridge with an address makes Incus switch forwarding on, and then the management networks could reach one
# another through here. This rule holds whatever that switch says: what came in from outside and is not for
# this namespace itself (the local table stands before it) has nowhere to go.
NO_TRANSIT = ("not", "iif", "lo", "unreachable", "priority", "1")
NO_TRANSIT_SHOWN = re.compile(r"^1:\s+not from all iif lo unreachable$", re.MULTILINE)
FAMILIES = ("-4", "-6")
# The table in which Incus keeps the filters of every card, by the card's name. Cards end with their daemon, and
# their names never come again; the table is the namespace's and stays. Some kills later every packet went
# through thousands of rules of cards long gone.
CARD_FILTERS = "bridge incus"


def is_namespace(file: Path) -> bool:
    """Whether a network namespace is bound to `file`; a file that a crash or a reboot left is not one."""
    return file.exists() and file.stat().st_dev == OWN_NAMESPACE.stat().st_dev


def is_ready(paths: LabPaths) -> bool:
    """Whether the namespace is there, its loopback up, and transit refused."""
    if not is_namespace(paths.netns_file):
        return False
    up = "UP" in run(["ip", "-n", paths.netns, "-brief", "link", "show", "lo"]).split("<")[-1]
    return up and all(_refuses_transit(paths, family) for family in FAMILIES)


def make(paths: LabPaths) -> None:
    """Make the namespace, or finish a half-made one; a stale file in its place is removed first."""
    if not is_namespace(paths.netns_file):
        paths.netns_file.unlink(missing_ok=True)
        run(["ip", "netns", "add", paths.netns])
    run(["ip", "-n", paths.netns, "link", "set", "lo", "up"])
    # A new namespace takes the machine's own value, and the machine may well be a router.
    run(["ip", "netns", "exec", paths.netns, "sysctl", "-q", "-w", "net.ipv4.ip_forward=0"])
    for family in FAMILIES:
        if not _refuses_transit(paths, family):
            run(["ip", "-n", paths.netns, family, "rule", "add", *NO_TRANSIT])


def forget_filters(paths: LabPaths) -> None:
    """Drop the card filters that a killed daemon left; not for a daemon that runs, whose own they are."""
    inside = ["ip", "netns", "exec", paths.netns, "nft"]
    if holds_filters(run([*inside, "list", "tables"])):
        run([*inside, "delete", "table", *CARD_FILTERS.split()])


def holds_filters(tables: str) -> bool:
    """Whether the table of card filters is among those that `nft list tables` shows."""
    return f"table {CARD_FILTERS}" in tables.splitlines()


def members(paths: LabPaths) -> list[int]:
    """Ids of the processes, seen from the machine, whose network is the lab's namespace itself."""
    if not is_namespace(paths.netns_file):
        return []
    return sorted(_processes_in(paths.netns_file.stat().st_ino))


def remove(paths: LabPaths) -> None:
    """End what still lives in the namespace (relays of ssh connections, measuring tools) and remove it."""
    for process in members(paths):
        if process != os.getpid():
            _end(process)
    if is_namespace(paths.netns_file):
        run(["ip", "netns", "delete", paths.netns])
    paths.netns_file.unlink(missing_ok=True)


def _refuses_transit(paths: LabPaths, family: str) -> bool:
    return NO_TRANSIT_SHOWN.search(run(["ip", "-n", paths.netns, family, "rule", "show"])) is not None


def _processes_in(inode: int) -> set[int]:
    found = set()
    for link in Path("/proc").glob("[0-9]*/ns/net"):
        try:
            if link.stat().st_ino == inode:
                found.add(int(link.parts[2]))
        except OSError:
            continue  # ended while we looked
    return found


def _end(process: int) -> None:
    try:
        os.kill(process, signal.SIGTERM)
    except ProcessLookupError:
        return
