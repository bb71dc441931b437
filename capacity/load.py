"""How full each link is over the morning, expected: for the report, where a curve says more than a
percentile.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from capacity.arrivals import WITHIN, Floats
from capacity.display import ways
from capacity.failures import Failure, left
from capacity.layout import Layout
from capacity.parameters import Parameters
from capacity.population import MIDDLE_S

STEP_S = 120.0
END_S = 2 * MIDDLE_S


class Load(NamedTuple):
    """A link's share of its capacity that is asked for, at each of the report's times."""

    link: str
    share: Floats


def times() -> Floats:
    """Seconds of the model's morning."""
    return np.arange(0.0, END_S + STEP_S, STEP_S)


def morning_load(layout: Layout, parameters: Parameters, failure: Failure) -> list[Load]:
    """Every link outward with the display of all who are signed in and the answers to the counters.

    ``failure`` comes at the middle of the bell; a city spreads its traffic evenly over the lines it has left.
    If the data center is lost, it is the morning after the takeover, over the disaster access.
    """
    now = left(layout, frozenset(failure.parts))
    links = ways(layout, parameters, now.data_center)
    share = parameters.present * (1.0 if now.data_center else parameters.degraded_desktops)
    width = parameters.widths_s[0] if now.data_center else min(parameters.widths_s)
    signed_in = ndtr((times() - MIDDLE_S) / (width / (2 * WITHIN)))
    each = share * parameters.display_bps * signed_in
    each = each + 8 * parameters.answer_bytes * parameters.transactions_per_user * (times() >= MIDDLE_S - 120)
    broken = times() >= MIDDLE_S if now.data_center else np.zeros(len(times()), dtype=bool)
    on_line = []
    for number, line in enumerate(links.lines):
        place = int(np.searchsorted(links.first, number, side="right")) - 1
        mates = links.lines[links.first[place] : links.first[place] + links.count[place]]
        alive = sum(mate.name in now.lines for mate in mates) if now.data_center else len(mates)
        up = not now.data_center or line.name in now.lines
        after = 1 / alive if up and alive else 0.0
        on_line.append(layout.cities[place].users * each * np.where(broken, after, 1 / len(mates)))
    edges = [
        Load(
            edge,
            sum(
                (load for load, line in zip(on_line, links.lines, strict=True) if line.edge == edge), 0 * each
            )
            / links.edge_bps,
        )
        for edge in links.edges
    ]
    lines = [Load(line.name, load / line.bps) for load, line in zip(on_line, links.lines, strict=True)]
    return edges + lines


def shares_by_count(layout: Layout, parameters: Parameters) -> dict[str, list[float]]:
    """Peak demand by what there is, for the first 1, 2, ... cities, limit by limit."""
    one = parameters
    people = np.cumsum([city.users for city in layout.cities]) * one.present
    answers = 8 * one.answer_bytes * one.transactions_per_user
    demand = np.array([city.users for city in layout.cities]) * (one.present * one.display_bps + answers)
    single = np.array(
        [min(max(line.bps, one.line_least_bps) for line in city.lines) for city in layout.cities]
    )
    few = one.degraded_desktops
    after = np.array([city.users for city in layout.cities]) * (one.present * few * one.display_bps + answers)
    curves = {
        "places": people / one.dc_places,
        "cores": people * one.steady_core / one.dc_cores,
        "storage": people * one.iops_steady / one.dc_iops,
        "fullest_line": np.maximum.accumulate(demand / single),
        "edge_load": np.cumsum(demand) / (one.dc_edge_bps * max(1, len(layout.edges) - 1)),
        "access": np.maximum.accumulate(after) / one.access_bps,
        "backup_places": people * few / one.bc_places,
    }
    return {name: [float(value) for value in values] for name, values in curves.items()}
