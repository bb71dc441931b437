"""Compiled: a group's virtual clock, its members, and when its next flow will be done.

A flow of a class is done when its class has served it up to its *mark*. A class serves ``weight`` times as
fast as its group's clock runs, so a change of level costs nothing per class or flow: only the clock changes
its pace.
"""

from __future__ import annotations

import math
from typing import Any

from capacity.network.heaps import add, push, rise, sink, take
from capacity.network.jit import compiled
from capacity.network.state import State

Record = Any  # numba makes a typed reference of a record in an array; there is no static type to name it


@compiled
def clock(group: Record, now: float) -> float:
    """Bits per unit of weight the group has served until ``now``."""
    return float(group.clock + (group.carry + group.level * (now - group.since)))


@compiled
def set_clock(group: Record, now: float) -> None:
    """Bring the group's clock to ``now``: to be done before its level changes."""
    if now > group.since:
        group.clock, group.carry = add(group.clock, group.carry, group.level * (now - group.since))
        group.since = now


@compiled
def served(s: State, c: int, now: float) -> float:
    """Bits that a flow of class ``c`` has got which was there since the class became busy."""
    one = s.classes[c]
    if one.group < 0:
        return float(one.offset)
    return float(one.offset + one.weight * clock(s.groups[one.group], now))


@compiled
def key_of(s: State, c: int) -> float:
    """What its group's clock will show when the next flow of class ``c`` is done."""
    one = s.classes[c]
    return float((s.marks[s.flow_heap[one.first_flow]] - one.offset) / one.weight)


@compiled
def schedule(s: State, g: int) -> None:
    """Enter into the calendar when the group's next flow will be done."""
    group = s.groups[g]
    key = s.member_key[s.members[group.first]]
    at = math.inf
    if group.level > 0.0:
        at = group.since + max(0.0, key - (group.clock + group.carry)) / group.level
    place = s.calendar_slot[g]
    before = s.calendar_key[g]
    s.calendar_key[g] = at
    if place < 0:
        push(s.calendar_key, s.calendar, s.calendar_slot, 0, s.scalars[0].scheduled, g)
        s.scalars[0].scheduled += 1
    elif at < before:
        rise(s.calendar_key, s.calendar, s.calendar_slot, 0, place)
    else:
        sink(s.calendar_key, s.calendar, s.calendar_slot, 0, s.scalars[0].scheduled, place)


@compiled
def unschedule(s: State, g: int) -> None:
    """Take the group out of the calendar, if it is in."""
    if s.calendar_slot[g] >= 0:
        take(s.calendar_key, s.calendar, s.calendar_slot, 0, s.scalars[0].scheduled, g)
        s.scalars[0].scheduled -= 1


@compiled
def attach(s: State, c: int, g: int) -> None:
    """Make class ``c`` a member of group ``g``, whose clock is at now."""
    one, group = s.classes[c], s.groups[g]
    one.offset -= one.weight * (group.clock + group.carry)
    one.group = g
    s.member_key[c] = key_of(s, c)
    push(s.member_key, s.members, s.member_slot, group.first, group.members, c)
    group.members += 1
    group.weight, group.weight_carry = add(group.weight, group.weight_carry, one.flows * one.weight)
    register(s, c, 1)


@compiled
def register(s: State, c: int, sign: int) -> None:
    """Count class ``c`` on its links as held by its limit or by a bottleneck; or, ``sign`` being -1, not any
    more.
    """
    one = s.classes[c]
    for entry in range(one.first, one.last):
        link = s.links[s.entry_link[entry]]
        if one.group >= len(s.links):
            amount = sign * one.flows * one.limit
            link.steady, link.steady_carry = add(link.steady, link.steady_carry, amount)
        else:
            link.flexible += sign


@compiled
def rekey(s: State, c: int) -> None:
    """The next flow to be done of class ``c`` is another one than before: tell its group."""
    group = s.groups[s.classes[c].group]
    before = s.member_key[c]
    s.member_key[c] = key_of(s, c)
    if s.member_key[c] < before:
        rise(s.member_key, s.members, s.member_slot, group.first, s.member_slot[c])
    else:
        sink(s.member_key, s.members, s.member_slot, group.first, group.members, s.member_slot[c])


@compiled
def relevel(s: State, g: int, now: float) -> bool:
    """Give a bottleneck the level that its room and weight now make; False if that is out of its range."""
    group = s.groups[g]
    set_clock(group, now)
    group.level = max(0.0, group.room) / (group.weight + group.weight_carry)
    schedule(s, g)
    return bool(group.low <= group.level <= group.high)


@compiled
def detach(s: State, c: int) -> None:
    """Take class ``c`` out of its group. What it was served, the caller has noted."""
    one = s.classes[c]
    group = s.groups[one.group]
    register(s, c, -1)
    take(s.member_key, s.members, s.member_slot, group.first, group.members, c)
    group.members -= 1
    if group.members == 0:
        unschedule(s, one.group)
    one.group = -1


@compiled
def reset(s: State, g: int, now: float) -> None:
    """An empty group with its clock at zero, holding its level in any range."""
    group = s.groups[g]
    unschedule(s, g)
    group.clock = group.carry = group.weight = group.weight_carry = group.low = 0.0
    group.since, group.high = now, math.inf
    group.members, group.fast = 0, 1
