"""Whether one host may open a connection to another, and by which words of the declaration.

The answer is worked out from the plan, as each router and each host works it out from its part of it; the live
tests try the same question with real packets (tests/hosts/test_walls.py).
"""

from __future__ import annotations

from typing import NamedTuple

from inventory.model import Opening
from inventory.openings import CITY, is_entitled
from inventory.topology import Host, Site, Topology


class Answer(NamedTuple):
    """Whether it may, and why."""

    allowed: bool
    why: str


def explain(topology: Topology, source: Host, target: Host, port: int) -> Answer:
    """Whether ``source`` may open a TCP connection to ``port`` of ``target``, in the order in which it is refused."""
    here, there = topology.site(source.site), topology.site(target.site)
    refusal = between_sites(here, there) or between_zones(source, target)
    if refusal:
        return Answer(False, refusal)
    reasons = [
        because(opening, here)
        for opening in topology.openings
        if applies(opening, here, source, target, port)
    ]
    granted = [reason for reason in reasons if reason.allowed]
    if granted:
        return granted[0]
    if reasons:
        return reasons[0]
    return Answer(False, f"no opening names {end_of(here, source)} to {target.role}, port {port}")


def between_sites(here: Site, there: Site) -> str | None:
    """Why two sites never meet; None if they may."""
    if here.kind == there.kind == "city" and here.name != there.name:
        return "a city never reaches another city"
    if there.kind == "city":
        return "nobody opens a connection to a city's terminals"
    return None


def between_zones(source: Host, target: Host) -> str | None:
    """Why two hosts never meet because of where they live; None if they may."""
    if target.zone is None:
        return f"{target.name} is a router: it forwards, and serves nobody"
    if source.zone is None:
        return f"{source.name} is a router: it forwards, and asks nobody"
    if source.zone != target.zone:
        return f"zone {source.zone} never reaches zone {target.zone}"
    return None


def applies(opening: Opening, here: Site, source: Host, target: Host, port: int) -> bool:
    """Whether the opening is about these two and this port, entitled or not."""
    return end_of(here, source) in opening.sources and target.role in opening.to and port in opening.ports


def end_of(here: Site, source: Host) -> str:
    """What an opening calls the source."""
    return CITY if here.kind == "city" else source.role


def because(opening: Opening, here: Site) -> Answer:
    """What an opening that applies says to a site."""
    if here.kind == "city" and not is_entitled(here, opening):
        return Answer(False, f"{here.name} is not entitled to the service {opening.service}")
    return Answer(True, opening.why)


def asked_ports(topology: Topology) -> list[int]:
    """Every port that some opening names, in order."""
    return sorted({port for opening in topology.openings for port in opening.ports})
