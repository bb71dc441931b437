"""The solver's working memory, laid out as plain arrays so that compiled code can walk it.

A *class* is all flows with the same paths, weight and rate limit: they always get the same rate, so the
solver keeps one record for them and a heap of finish marks. A *group* is what holds classes back: group ``l``
is link ``l``, group ``links + c`` is the rate limit of class ``c`` itself. All classes of a group have one
*level*: bit/s per unit of weight.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

F8, I8 = np.float64, np.int64
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Records = NDArray[np.void]

GROUP = np.dtype(
    [
        ("level", F8),  # bit/s per unit of weight
        ("clock", F8),  # bits per unit of weight served since the group was formed, as of `since`
        ("carry", F8),  # what rounding has kept out of `clock`
        ("since", F8),  # s
        ("room", F8),  # bit/s left for the members once all others on the link have theirs
        ("weight", F8),  # of all flows of all members
        ("weight_carry", F8),
        ("low", F8),  # while the level stays within low..high, nobody changes group
        ("high", F8),
        ("first", I8),  # where its heap of member classes begins
        ("members", I8),
        ("fast", I8),  # no member crosses another saturated link
    ],
    align=True,
)
LINK = np.dtype(
    [
        ("capacity", F8),  # bit/s
        ("weight", F8),  # of all flows on the link
        ("weight_carry", F8),
        ("bound", F8),  # bit/s its load cannot exceed as long as no class changes group
        ("steady", F8),  # bit/s of those held by their own limit
        ("steady_carry", F8),
        ("load", F8),  # bit/s when last solved
        ("elastic", F8),  # weight of flows not held by their own limit when last solved
        ("rest", F8),  # water filling: bit/s not given away yet
        ("open_weight", F8),  # water filling: weight not served yet
        ("open", I8),  # water filling: classes not served yet
        ("first", I8),  # where its list of active classes begins
        ("active", I8),
        ("flexible", I8),  # active classes held by a bottleneck, not by their own limit
        ("mode", I8),
        ("sole", I8),  # the one group on it, where mode is SOLE
        ("groups", I8),
        ("counted", I8),
        ("seen", I8),
    ],
    align=True,
)
CLASS = np.dtype(
    [
        ("weight", F8),
        ("limit", F8),  # bit/s, inf for none
        ("offset", F8),  # bits each flow was served before it joined its group
        ("flows", I8),
        ("group", I8),
        ("first_flow", I8),  # where its heap of finish marks begins
        ("first", I8),  # its path: entries first..last
        ("last", I8),
        ("seen", I8),
        ("variant", I8),  # the path in use, and the range it may choose from
        ("first_variant", I8),
        ("last_variant", I8),
    ],
    align=True,
)
CHANGE = np.dtype([("at", F8), ("link", I8), ("capacity", F8), ("notice", I8)], align=True)
"""``notice`` 0: the link's capacity changes; 1: it is known to be down; 2: it is known to be up again."""
VARIANT = np.dtype([("first", I8), ("last", I8)], align=True)
SCALARS = np.dtype(
    [
        ("now", F8),
        ("scheduled", I8),  # groups in the calendar
        ("seeds", I8),  # links whose surroundings must be solved again before time goes on
        ("next_flow", I8),
        ("next_change", I8),
        ("stamp", I8),
        ("solves", I8),
        ("filling", I8),
    ],
    align=True,
)


class State(NamedTuple):
    """All the compiled loop reads and writes, by link, class, group, flow, or entry of a path."""

    scalars: Records
    groups: Records
    links: Records
    classes: Records
    variants: Records
    changes: Records
    entry_link: Ints
    entry_class: Ints
    entry_slot: Ints
    active: Ints
    members: Ints
    member_key: Floats
    member_slot: Ints
    calendar: Ints
    calendar_key: Floats
    calendar_slot: Ints
    fill: Ints
    fill_key: Floats
    fill_slot: Ints
    marks: Floats
    flow_heap: Ints
    flow_slot: Ints
    flow_class: Ints
    flow_bits: Floats
    flow_start: Floats
    flow_finish: Floats
    known_down: Ints
    near_links: Ints
    near_classes: Ints
    seeds: Ints


class Routes(NamedTuple):
    """The classes: ``weight`` and ``limit`` (bit/s) of each, and its paths.

    Class ``c`` may use paths ``first_path[c]`` up to ``first_path[c + 1]``, the first being the preferred
    one; path ``p`` crosses the links ``path_links[path_start[p]:path_start[p + 1]]``.
    """

    weight: Floats
    limit: Floats
    first_path: Ints
    path_start: Ints
    path_links: Ints


class Flows(NamedTuple):
    """Flows in order of ``start`` (s): the class of each and its size in ``bits``."""

    start: Floats
    bits: Floats
    route: Ints


def offsets(counts: Ints) -> Ints:
    """Where each of consecutive slices begins, given their lengths; one longer than ``counts``."""
    result = np.zeros(len(counts) + 1, dtype=I8)
    np.cumsum(counts, out=result[1:])
    return result


def build(capacity: Floats, routes: Routes, flows: Flows, changes: Records) -> State:
    """A network at rest at time 0, ready for the loop."""
    path_class = np.repeat(np.arange(len(routes.weight)), np.diff(routes.first_path))
    entry_class = np.repeat(path_class, np.diff(routes.path_start))
    on_link = offsets(np.bincount(routes.path_links, minlength=len(capacity)))
    links = link_records(capacity, on_link)
    classes = class_records(routes, flows)
    groups = group_records(len(capacity), on_link, classes)
    return State(
        scalars=np.zeros(1, dtype=SCALARS),
        groups=groups,
        links=links,
        classes=classes,
        variants=variant_records(routes),
        changes=changes,
        entry_link=routes.path_links,
        entry_class=entry_class.astype(I8),
        active=np.zeros(len(entry_class), dtype=I8),
        members=np.zeros(len(entry_class) + len(classes), dtype=I8),
        known_down=np.zeros(len(links), dtype=I8),
        near_links=np.zeros(len(links), dtype=I8),
        near_classes=np.zeros(len(classes), dtype=I8),
        seeds=np.zeros(len(links), dtype=I8),
        entry_slot=np.zeros(len(entry_class), dtype=I8),
        member_key=np.zeros(len(classes)),
        member_slot=np.full(len(classes), -1, dtype=I8),
        **heap("calendar", len(groups)),
        **heap("fill", len(groups)),
        **flow_arrays(flows),
    )


def heap(name: str, size: int) -> dict[str, Any]:
    """The arrays of an indexed heap: its items, the key of each, the place of each (-1: not in it)."""
    return {
        name: np.zeros(size, dtype=I8),
        f"{name}_key": np.zeros(size),
        f"{name}_slot": np.full(size, -1, dtype=I8),
    }


def flow_arrays(flows: Flows) -> dict[str, Any]:
    """One place a flow in each of the flows' arrays."""
    count = len(flows.start)
    return {
        "marks": np.zeros(count),
        "flow_heap": np.zeros(count, dtype=I8),
        "flow_slot": np.full(count, -1, dtype=I8),
        "flow_class": flows.route,
        "flow_bits": flows.bits,
        "flow_start": flows.start,
        "flow_finish": np.full(count, np.inf),
    }


def link_records(capacity: Floats, on_link: Ints) -> Records:
    """Links with nothing on them."""
    links = np.zeros(len(capacity), dtype=LINK)
    links["capacity"] = capacity
    links["first"] = on_link[:-1]
    return links


def class_records(routes: Routes, flows: Flows) -> Records:
    """Classes without a flow, on their preferred paths."""
    classes = np.zeros(len(routes.weight), dtype=CLASS)
    classes["weight"] = routes.weight
    classes["limit"] = routes.limit
    classes["group"] = -1
    classes["first_flow"] = offsets(np.bincount(flows.route, minlength=len(classes)))[:-1]
    classes["variant"] = classes["first_variant"] = routes.first_path[:-1]
    classes["last_variant"] = routes.first_path[1:]
    classes["first"] = routes.path_start[classes["variant"]]
    classes["last"] = routes.path_start[classes["variant"] + 1]
    return classes


def group_records(links: int, on_link: Ints, classes: Records) -> Records:
    """One group a link and one a class. A class's own group always has the level its limit gives it."""
    groups = np.zeros(links + len(classes), dtype=GROUP)
    groups["first"][:links] = on_link[:-1]
    groups["first"][links:] = on_link[-1] + np.arange(len(classes))
    groups["level"][links:] = classes["limit"] / classes["weight"]
    return groups


def variant_records(routes: Routes) -> Records:
    """The ranges of path entries that make each path."""
    variants = np.zeros(len(routes.path_start) - 1, dtype=VARIANT)
    variants["first"] = routes.path_start[:-1]
    variants["last"] = routes.path_start[1:]
    return variants
