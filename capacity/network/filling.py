"""Compiled: max-min fairness from its definition, for all that hangs together with the seeded links.

Water rises everywhere at once: all flows get the same rate per unit of weight. Whoever meets a limit of its
own, or a link with no more room, stays at that level; the others go on. What stays together forms a group.
"""

from __future__ import annotations

import math

from capacity.network.groups import attach, reset, schedule, served
from capacity.network.heaps import push, sink, take
from capacity.network.jit import compiled
from capacity.network.sharing import FULL, IDLE, SAFE, SOLE, TOUCHY
from capacity.network.state import State


@compiled
def solve(s: State) -> None:
    """Give every class that hangs together with a seeded link, over links in use, its group and level."""
    links, classes = gather(s)
    lift(s, links, classes)
    pour(s, open_links(s, links, classes))
    survey(s, links, classes)
    s.scalars[0].solves += 1


@compiled
def gather(s: State) -> tuple[int, int]:
    """Collect the connected links and classes in ``near_links`` and ``near_classes``; how many of each."""
    x = s.scalars[0]
    x.stamp += 1
    links, classes, looked_at = 0, 0, 0
    for i in range(x.seeds):
        s.links[s.seeds[i]].seen = x.stamp
        s.near_links[links] = s.seeds[i]
        links += 1
    x.seeds = 0
    while looked_at < links:
        link = s.links[s.near_links[looked_at]]
        looked_at += 1
        for i in range(link.first, link.first + link.active):
            c = s.entry_class[s.active[i]]
            if s.classes[c].seen != x.stamp:
                s.classes[c].seen = x.stamp
                s.near_classes[classes] = c
                classes += 1
                links = gather_path(s, c, links)
    return links, classes


@compiled
def gather_path(s: State, c: int, links: int) -> int:
    """Add the links of class ``c`` that are not in ``near_links`` yet; how many are in then."""
    for entry in range(s.classes[c].first, s.classes[c].last):
        link = s.links[s.entry_link[entry]]
        if link.seen != s.scalars[0].stamp:
            link.seen = s.scalars[0].stamp
            s.near_links[links] = s.entry_link[entry]
            links += 1
    return links


@compiled
def lift(s: State, links: int, classes: int) -> None:
    """Note what every class was served, and empty all groups. New clocks begin at zero: no digit is lost."""
    now = s.scalars[0].now
    for i in range(classes):
        c = s.near_classes[i]
        s.classes[c].offset = served(s, c, now)
    for i in range(classes):
        c = s.near_classes[i]
        s.classes[c].group = -1
        reset(s, len(s.links) + c, now)
    for i in range(links):
        reset(s, s.near_links[i], now)


@compiled
def open_links(s: State, links: int, classes: int) -> int:
    """Put links and rate limits into the heap ``fill`` by the level they hold at; how many are in it."""
    size = 0
    for i in range(links):
        number = s.near_links[i]
        link = s.links[number]
        link.weight = link.weight_carry = link.steady = link.steady_carry = 0.0
        link.flexible = 0
        for k in range(link.first, link.first + link.active):
            one = s.classes[s.entry_class[s.active[k]]]
            link.weight += one.flows * one.weight
        link.open, link.open_weight, link.rest = link.active, link.weight, link.capacity
        if link.active > 0:
            s.fill_key[number] = link.rest / link.open_weight
            push(s.fill_key, s.fill, s.fill_slot, 0, size, number)
            size += 1
    for i in range(classes):
        c = s.near_classes[i]
        if s.classes[c].limit < math.inf:
            g = len(s.links) + c
            s.fill_key[g] = s.groups[g].level
            push(s.fill_key, s.fill, s.fill_slot, 0, size, g)
            size += 1
    return size


@compiled
def pour(s: State, size: int) -> None:
    """Let the water rise until every class is held. The level at which an open link holds can only go up, so
    each is looked at again only when it is the lowest."""
    water = 0.0
    while size > 0:
        g = s.fill[0]
        if g < len(s.links) and s.links[g].open > 0:
            level = max(water, s.links[g].rest / s.links[g].open_weight)
            if level > s.fill_key[g]:
                s.fill_key[g] = level
                sink(s.fill_key, s.fill, s.fill_slot, 0, size, 0)
                continue
            water = level
            hold(s, g)
        elif g >= len(s.links) and s.classes[g - len(s.links)].group < 0:
            water = s.fill_key[g]
            settle(s, g - len(s.links), g, s.classes[g - len(s.links)].limit)
        take(s.fill_key, s.fill, s.fill_slot, 0, size, g)
        size -= 1


@compiled
def hold(s: State, b: int) -> None:
    """Link ``b`` has no more room: its classes that are still rising stay where they are."""
    link, group = s.links[b], s.groups[b]
    weight = 0.0
    for k in range(link.first, link.first + link.active):
        one = s.classes[s.entry_class[s.active[k]]]
        if one.group < 0:
            weight += one.flows * one.weight
    group.room = link.rest
    group.level = link.rest / weight
    for k in range(link.first, link.first + link.active):
        c = s.entry_class[s.active[k]]
        if s.classes[c].group < 0:
            settle(s, c, b, group.level * s.classes[c].weight)


@compiled
def settle(s: State, c: int, g: int, rate: float) -> None:
    """Class ``c`` stays in group ``g`` with ``rate`` bit/s for each of its flows."""
    one = s.classes[c]
    for entry in range(one.first, one.last):
        link = s.links[s.entry_link[entry]]
        link.rest = max(0.0, link.rest - one.flows * rate)
        link.open_weight -= one.flows * one.weight
        link.open -= 1
    attach(s, c, g)


@compiled
def survey(s: State, links: int, classes: int) -> None:
    """Find the range of levels of each group in which nobody changes group, and put all in the calendar."""
    for i in range(links):
        link = s.links[s.near_links[i]]
        link.bound = link.load = link.elastic = 0.0
        link.groups, link.counted = 0, -1
        link.mode = FULL if s.groups[s.near_links[i]].members > 0 else IDLE
    for i in range(classes):
        if s.classes[s.near_classes[i]].group >= len(s.links):
            survey_limited(s, s.near_classes[i])
    for i in range(links):
        if s.links[s.near_links[i]].mode == FULL:
            survey_bottleneck(s, s.near_links[i])
    for i in range(links):
        if s.links[s.near_links[i]].mode == IDLE and s.links[s.near_links[i]].active > 0:
            judge(s, s.near_links[i])
    for i in range(links):
        if s.links[s.near_links[i]].mode == FULL:
            schedule(s, s.near_links[i])


@compiled
def survey_limited(s: State, c: int) -> None:
    """What a class held by its own limit means for the links it crosses."""
    one = s.classes[c]
    schedule(s, one.group)
    for entry in range(one.first, one.last):
        link, group = s.links[s.entry_link[entry]], s.groups[s.entry_link[entry]]
        if link.mode == FULL:
            group.low = max(group.low, s.groups[one.group].level)
        else:
            link.load += one.flows * one.limit
            link.bound += one.flows * one.limit
            link.groups += 2  # never SOLE


@compiled
def survey_bottleneck(s: State, b: int) -> None:
    """What the members of bottleneck ``b`` mean for the other links they cross."""
    group = s.groups[b]
    for i in range(group.first, group.first + group.members):
        one = s.classes[s.members[i]]
        group.high = min(group.high, one.limit / one.weight)
        for entry in range(one.first, one.last):
            other = s.entry_link[entry]
            link = s.links[other]
            if other == b:
                continue
            if link.mode == FULL:
                group.fast = 0
                s.groups[other].low = max(s.groups[other].low, group.level)
                continue
            link.load += one.flows * one.weight * group.level
            link.elastic += one.flows * one.weight
            if link.counted != b:
                link.counted = link.sole = b
                link.groups += 1
                link.bound += s.links[b].capacity


@compiled
def judge(s: State, number: int) -> None:
    """Decide what a link that is no bottleneck is, and how far the groups on it may rise before it is one."""
    link = s.links[number]
    if link.bound <= link.capacity:
        link.mode = SAFE
    elif link.groups == 1:
        link.mode = SOLE
        group = s.groups[link.sole]
        group.high = min(group.high, link.capacity / link.weight)
    else:
        link.mode = TOUCHY
        if link.elastic > 0.0:
            share(s, number, max(0.0, link.capacity - link.load) / link.elastic)


@compiled
def share(s: State, number: int, rise_by: float) -> None:
    """Let every group on a link rise by as much: then together they just fill it."""
    link = s.links[number]
    for k in range(link.first, link.first + link.active):
        g = s.classes[s.entry_class[s.active[k]]].group
        if g < len(s.links):
            s.groups[g].high = min(s.groups[g].high, s.groups[g].level + rise_by)
