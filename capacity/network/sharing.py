"""Compiled: following a change of one class while nobody changes group. Each function that returns False has
found that somebody might: then the caller has the surroundings solved, which repairs all it finds.
"""

from __future__ import annotations

import math
from typing import Final

from capacity.network.groups import attach, detach, relevel, reset, schedule, set_clock
from capacity.network.heaps import add
from capacity.network.jit import compiled
from capacity.network.state import State

IDLE: Final = 0
"""Nothing is on the link."""
FULL: Final = 1
"""It is a bottleneck: the group of its number has members."""
SAFE: Final = 2
"""It cannot fill up, whatever the groups on it do: its ``bound`` is within its capacity."""
SOLE: Final = 3
"""All on it are of one group, so a level of that group is known at which it fills up."""
TOUCHY: Final = 4
"""It has room as long as nobody joins and the groups on it keep within the ranges of the last solution."""


@compiled
def weigh(s: State, c: int, flows: int) -> None:
    """Note on its links that class ``c`` has ``flows`` more (or, negative, fewer) flows."""
    one = s.classes[c]
    for entry in range(one.first, one.last):
        link = s.links[s.entry_link[entry]]
        link.weight, link.weight_carry = add(link.weight, link.weight_carry, flows * one.weight)


@compiled
def enter(s: State, c: int) -> None:
    """Put class ``c`` on the lists of active classes of its links."""
    for entry in range(s.classes[c].first, s.classes[c].last):
        link = s.links[s.entry_link[entry]]
        s.active[link.first + link.active] = entry
        s.entry_slot[entry] = link.active
        link.active += 1


@compiled
def withdraw(s: State, c: int) -> None:
    """Take class ``c``, which is in no group any more, off the lists of its links.

    Where nobody is left who might get more, the load of a link is known, and nothing else counts.
    """
    for entry in range(s.classes[c].first, s.classes[c].last):
        link = s.links[s.entry_link[entry]]
        link.active -= 1
        moved = s.active[link.first + link.active]
        s.active[link.first + s.entry_slot[entry]] = moved
        s.entry_slot[moved] = s.entry_slot[entry]
        if link.active == 0:
            link.weight = link.weight_carry = link.steady = link.steady_carry = 0.0
        if link.flexible == 0:
            link.bound = link.steady + link.steady_carry
            link.mode = SAFE if link.active > 0 else IDLE


@compiled
def seed(s: State, c: int) -> None:
    """Have everything around the path of class ``c`` solved before time goes on."""
    for entry in range(s.classes[c].first, s.classes[c].last):
        seed_link(s, s.entry_link[entry])


@compiled
def seed_link(s: State, number: int) -> None:
    """Have everything around one link solved before time goes on."""
    if s.links[number].seen != -1:
        s.links[number].seen = -1
        s.seeds[s.scalars[0].seeds] = number
        s.scalars[0].seeds += 1


@compiled
def reserve(s: State, c: int, but: int, amount: float) -> bool:
    """Allow for ``amount`` more bit/s on the links of class ``c`` other than ``but``.

    False if one of them is a bottleneck, or might become one.
    """
    for entry in range(s.classes[c].first, s.classes[c].last):
        number = s.entry_link[entry]
        link = s.links[number]
        if number != but:
            if link.mode == FULL or link.mode == SOLE or link.mode == TOUCHY:
                return False
            link.mode = SAFE
            link.bound += amount
            if link.bound > link.capacity:
                return False
    return True


@compiled
def join(s: State, c: int, now: float) -> bool:
    """Find the place of a class that was idle. False: solve instead."""
    bottlenecks, b = 0, -1
    for entry in range(s.classes[c].first, s.classes[c].last):
        if s.links[s.entry_link[entry]].mode == FULL:
            bottlenecks += 1
            b = s.entry_link[entry]
    if bottlenecks == 0:
        return found(s, c, now)
    if bottlenecks > 1 or not s.groups[b].fast:
        return False
    one, group = s.classes[c], s.groups[b]
    share = group.room / (group.weight + group.weight_carry + one.flows * one.weight)
    if one.limit / one.weight < share:
        return join_limited(s, c, b, now)
    return join_bottleneck(s, c, b, now)


@compiled
def join_limited(s: State, c: int, b: int, now: float) -> bool:
    """Hold a class that was idle by its limit, next to bottleneck ``b``. False: solve instead."""
    one, group = s.classes[c], s.groups[b]
    if not reserve(s, c, b, one.flows * one.limit):
        return False
    start(s, c, len(s.links) + c, now)
    set_clock(group, now)
    group.room -= one.flows * one.limit
    group.low = max(group.low, one.limit / one.weight)
    return relevel(s, b, now)


@compiled
def join_bottleneck(s: State, c: int, b: int, now: float) -> bool:
    """Let a class that was idle share bottleneck ``b``, the only one on its path. False: solve instead."""
    one, group = s.classes[c], s.groups[b]
    for entry in range(one.first, one.last):
        number = s.entry_link[entry]
        link = s.links[number]
        if number == b:
            continue
        if link.active == 1 or (link.mode == SOLE and link.sole == b):
            link.mode, link.sole = SOLE, b
            group.high = min(group.high, link.capacity / (link.weight + link.weight_carry))
        elif link.mode == SAFE and link.bound + s.links[b].capacity <= link.capacity:
            link.bound += s.links[b].capacity
        else:
            return False
    set_clock(group, now)
    group.high = min(group.high, one.limit / one.weight)
    attach(s, c, b)
    return relevel(s, b, now)


@compiled
def found(s: State, c: int, now: float) -> bool:
    """Hold a class that was idle by its limit, or by a link where all others are held by theirs.

    False: solve instead.
    """
    one = s.classes[c]
    g, rate = len(s.links) + c, one.flows * one.limit
    for entry in range(one.first, one.last):
        link = s.links[s.entry_link[entry]]
        rest = link.capacity - (link.steady + link.steady_carry)
        if link.flexible == 0 and rest < rate:
            g, rate = s.entry_link[entry], rest
    if g >= len(s.links):
        if rate == math.inf or not reserve(s, c, g, rate):
            return False
        start(s, c, g, now)
        return True
    low = highest_limit(s, g)
    if low > rate / (one.flows * one.weight) or not reserve(s, c, g, s.links[g].capacity):
        return False
    s.links[g].mode = FULL
    s.groups[g].room, s.groups[g].level = rate, rate / (one.flows * one.weight)
    start(s, c, g, now)
    s.groups[g].low, s.groups[g].high = low, one.limit / one.weight
    return True


@compiled
def highest_limit(s: State, number: int) -> float:
    """The highest level of classes held by their own limit on a link; inf if they are too many to look at."""
    link = s.links[number]
    if link.active > 64:
        return math.inf
    level = 0.0
    for k in range(link.first, link.first + link.active):
        g = s.classes[s.entry_class[s.active[k]]].group
        if g >= len(s.links):
            level = max(level, s.groups[g].level)
    return level


@compiled
def start(s: State, c: int, g: int, now: float) -> None:
    """Put class ``c`` alone into group ``g``, whose level is set."""
    reset(s, g, now)
    attach(s, c, g)
    schedule(s, g)


@compiled
def resize(s: State, c: int, flows: int, now: float) -> bool:
    """Follow a busy class that has ``flows`` more or fewer flows. False: solve instead."""
    one = s.classes[c]
    g = one.group
    group = s.groups[g]
    if g >= len(s.links):
        return resize_limited(s, c, flows * one.limit, now)
    if not group.fast:
        return False
    set_clock(group, now)
    group.weight, group.weight_carry = add(group.weight, group.weight_carry, flows * one.weight)
    if flows > 0:
        for entry in range(one.first, one.last):
            link = s.links[s.entry_link[entry]]
            if link.mode == TOUCHY:
                return False
            if link.mode == SOLE:
                group.high = min(group.high, link.capacity / (link.weight + link.weight_carry))
    return relevel(s, g, now)


@compiled
def resize_limited(s: State, c: int, amount: float, now: float) -> bool:
    """A class held by its own limit takes ``amount`` bit/s more or less: bottlenecks on its path feel it."""
    one = s.classes[c]
    schedule(s, len(s.links) + c)
    for entry in range(one.first, one.last):
        link, group = s.links[s.entry_link[entry]], s.groups[s.entry_link[entry]]
        link.steady, link.steady_carry = add(link.steady, link.steady_carry, amount)
        if link.mode == FULL:
            group.room -= amount
            if not group.fast or not relevel(s, s.entry_link[entry], now):
                return False
        else:
            link.bound += amount
            if amount > 0.0 and (link.mode != SAFE or link.bound > link.capacity):
                return False
    return True


@compiled
def retire(s: State, c: int, flows: int, now: float) -> bool:
    """Let a class go whose last ``flows`` flows are done. False: solve instead."""
    one = s.classes[c]
    g = one.group
    if g >= len(s.links):
        follows = resize_limited(s, c, -flows * one.limit, now)
        detach(s, c)
        withdraw(s, c)
        return follows
    group = s.groups[g]
    detach(s, c)
    withdraw(s, c)
    if not group.fast:
        return False
    if group.members == 0:
        dissolve(s, c, g)
        return True
    set_clock(group, now)
    group.weight, group.weight_carry = add(group.weight, group.weight_carry, -flows * one.weight)
    return relevel(s, g, now)


@compiled
def dissolve(s: State, c: int, b: int) -> None:
    """Link ``b`` has lost its last member ``c`` and is no bottleneck any more."""
    if s.links[b].mode == FULL:
        # Others are left, held by other bottlenecks. Nobody has watched so far whether they fill this link.
        s.links[b].mode = TOUCHY
    for entry in range(s.classes[c].first, s.classes[c].last):
        link = s.links[s.entry_link[entry]]
        if link.mode == SAFE and link.flexible > 0:
            link.bound -= s.links[b].capacity
