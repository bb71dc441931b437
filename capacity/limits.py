"""What there is only so much of, and when each is felt most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from capacity.failures import NOTHING, Failure, Part
from capacity.layout import Layout
from capacity.parameters import Parameters, changed
from capacity.run import Case
from capacity.run import Part as DayPart

OUT_OF_THE_WAY = 1e6
"""Times what is declared: more than any count asks for. A hundred times would not do: the country's desk users
want 177 times the declared places, and every limit would seem to break for want of them.
"""
Situation = Callable[[Layout, Parameters], list[Case]]


@dataclass(frozen=True)
class Limit:
    """Something of which there is only so much: its parameters (as many as are upgraded together), the
    catalogue's name of it, the part of the day in which it is felt, and the cases in which it is felt most.
    """

    name: str
    parameters: tuple[str, ...]
    catalogue: str
    part: DayPart
    situation: Situation


def everyday(layout: Layout, parameters: Parameters) -> list[Case]:
    """Nothing broken, in the everyday morning and in the hardest."""
    del layout
    widths = dict.fromkeys((parameters.widths_s[0], min(parameters.widths_s)))
    return [Case(NOTHING, width) for width in widths]


def edge_lost(layout: Layout, parameters: Parameters) -> list[Case]:
    """Each data-center edge lost: every city has one line less, and the other edges carry all."""
    edges = [Failure(f"router {edge}", (Part("edge", edge),)) for edge in layout.edges]
    return [Case(edge, min(parameters.widths_s)) for edge in edges]


def disaster(layout: Layout, parameters: Parameters) -> list[Case]:
    """The data center lost."""
    del layout
    return [Case(Failure("the whole data center", (Part("data_center", "dc"),)), min(parameters.widths_s))]


def leg_lost(layout: Layout, parameters: Parameters) -> list[Case]:
    """The first leg, or all of them, lost."""
    legs = tuple(Part("leg", leg.name) for leg in layout.legs)
    width = parameters.widths_s[0]
    return [
        Case(Failure(f"replication leg {legs[0].name}", legs[:1]), width),
        Case(Failure("replication link", legs), width),
    ]


CENTER_LIMITS: tuple[tuple[str, str, str], ...] = (
    ("session brokers", "brokers", "brokers"),
    ("session places", "places", "places"),
    ("session host cores", "cores", "cores"),
    ("storage operations", "iops", "storage"),
    ("storage network", "storage_bps", "storage_rate"),
    ("application cores", "application_cores", "application"),
    ("database cores", "database_cores", "database"),
)
LIMITS: tuple[Limit, ...] = (
    Limit("city lines", ("line_least_bps",), "line", "morning", edge_lost),
    Limit("data-center edges", ("dc_edge_bps",), "edge", "morning", edge_lost),
    *(
        Limit(f"{title}, data center", (f"dc_{field}",), name, "morning", everyday)
        for title, field, name in CENTER_LIMITS
    ),
    Limit("replication link, log", ("replication_bps",), "replication", "replication", leg_lost),
    Limit("replication link, backup", ("replication_bps",), "replication", "night", leg_lost),
    Limit("way to the printing firm", ("print_bps",), "print_rate", "night", everyday),
    Limit("disaster access", ("access_bps",), "access", "morning", disaster),
    Limit("disaster access, backup", ("access_bps",), "access", "night", disaster),
    Limit("backup-center edge", ("bc_edge_bps",), "edge", "morning", disaster),
    *(
        Limit(f"{title}, backup center", (f"bc_{field}",), name, "morning", disaster)
        for title, field, name in CENTER_LIMITS
    ),
)


def alone(parameters: Parameters, limit: Limit) -> Parameters:
    """``parameters`` with every limit but this one out of the way."""
    others = {name for other in LIMITS for name in other.parameters} - set(limit.parameters)
    return changed(parameters, {name: out_of_the_way(parameters, name) for name in others})


def out_of_the_way(parameters: Parameters, name: str) -> float:
    """A size that is no limit. City lines, which are declared one by one, are all made as large as an edge."""
    if name == "line_least_bps":
        return parameters.dc_edge_bps * OUT_OF_THE_WAY
    return float(getattr(parameters, name)) * OUT_OF_THE_WAY


def sized(parameters: Parameters, limit: Limit, size: float) -> Parameters:
    """``parameters`` with this limit at ``size``."""
    return changed(parameters, dict.fromkeys(limit.parameters, size))
