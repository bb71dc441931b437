"""Compiled: what happens, in order of time. Flows start and are done, links change, cuts become known."""

from __future__ import annotations

import math

from capacity.network.filling import solve
from capacity.network.groups import detach, rekey, served
from capacity.network.heaps import push, take
from capacity.network.jit import callable_from_python, compiled
from capacity.network.sharing import enter, join, resize, retire, seed, seed_link, weigh, withdraw
from capacity.network.state import State


@callable_from_python
def advance(s: State, events: int) -> int:
    """Let up to ``events`` things happen; how many did. Fewer mean that nothing more ever will."""
    for done in range(events):
        if not step(s):
            return done
        flush(s)
    return events


@compiled
def step(s: State) -> bool:
    """Let the next thing happen; False if there is none."""
    x = s.scalars[0]
    outside = min(next_start(s), next_change(s))
    first = s.calendar_key[s.calendar[0]] if x.scheduled > 0 else math.inf
    if min(outside, first) == math.inf:
        return False
    if first <= outside and x.seeds == 0:
        x.now = max(x.now, first)
        leave(s, s.calendar[0])
    elif next_change(s) <= next_start(s):
        x.now = next_change(s)
        change(s)
    else:
        x.now = next_start(s)
        arrive(s)
    return True


@compiled
def flush(s: State) -> None:
    """Solve what must be solved, unless more comes at this very instant: all of it is solved together."""
    x = s.scalars[0]
    if x.seeds > 0 and min(next_start(s), next_change(s)) > x.now:
        solve(s)


@compiled
def next_start(s: State) -> float:
    """When the next flow starts, s."""
    i = s.scalars[0].next_flow
    return float(s.flow_start[i]) if i < len(s.flow_start) else math.inf


@compiled
def next_change(s: State) -> float:
    """When the next link changes, or a change becomes known, s."""
    i = s.scalars[0].next_change
    return float(s.changes[i].at) if i < len(s.changes) else math.inf


@compiled
def arrive(s: State) -> None:
    """The next flow starts."""
    x = s.scalars[0]
    f = x.next_flow
    x.next_flow += 1
    c = s.flow_class[f]
    one = s.classes[c]
    was_idle = one.flows == 0
    if was_idle:
        one.offset = 0.0
        enter(s, c)
    s.marks[f] = served(s, c, x.now) + s.flow_bits[f]
    push(s.marks, s.flow_heap, s.flow_slot, one.first_flow, one.flows, f)
    one.flows += 1
    weigh(s, c, 1)
    if x.seeds > 0:
        follows = False
    elif was_idle:
        follows = join(s, c, x.now)
    else:
        if s.flow_slot[f] == 0:
            rekey(s, c)
        follows = resize(s, c, 1, x.now)
    if not follows:
        seed(s, c)


@compiled
def leave(s: State, g: int) -> None:
    """The next flow of group ``g`` is done, and with it all of its class that have the same mark."""
    now = s.scalars[0].now
    group = s.groups[g]
    c = s.members[group.first]
    one = s.classes[c]
    # The clock shows this by definition, not only up to rounding.
    group.clock, group.carry, group.since = s.member_key[c], 0.0, now
    mark = s.marks[s.flow_heap[one.first_flow]]
    before = one.flows
    while one.flows > 0 and s.marks[s.flow_heap[one.first_flow]] <= mark:
        f = s.flow_heap[one.first_flow]
        take(s.marks, s.flow_heap, s.flow_slot, one.first_flow, one.flows, f)
        s.flow_finish[f] = now
        one.flows -= 1
    gone = before - one.flows
    weigh(s, c, -gone)
    if one.flows == 0:
        follows = retire(s, c, gone, now)
    else:
        rekey(s, c)
        follows = resize(s, c, -gone, now)
    if not follows:
        seed(s, c)


@compiled
def change(s: State) -> None:
    """The next change of a link, or of what is known of it."""
    x = s.scalars[0]
    event = s.changes[x.next_change]
    x.next_change += 1
    if event.notice == 0:
        s.links[event.link].capacity = event.capacity
        if s.links[event.link].active > 0:
            seed_link(s, event.link)
        return
    s.known_down[event.link] = 1 if event.notice == 1 else 0
    for c in range(len(s.classes)):
        one = s.classes[c]
        if one.last_variant - one.first_variant > 1:
            variant = preferred(s, c)
            if variant != one.variant:
                reroute(s, c, variant)


@compiled
def preferred(s: State, c: int) -> int:
    """The first path of class ``c`` with no link known to be down; the one it has if there is none."""
    one = s.classes[c]
    for variant in range(one.first_variant, one.last_variant):
        whole = True
        for entry in range(s.variants[variant].first, s.variants[variant].last):
            if s.known_down[s.entry_link[entry]] != 0:
                whole = False
        if whole:
            return variant
    return int(one.variant)


@compiled
def reroute(s: State, c: int, variant: int) -> None:
    """Move class ``c`` with all its flows, and what each was served already, to another path."""
    one = s.classes[c]
    flows = one.flows
    if flows > 0:
        one.offset = served(s, c, s.scalars[0].now)
        seed(s, c)
        if one.group >= 0:
            detach(s, c)
        weigh(s, c, -flows)
        withdraw(s, c)
    one.variant = variant
    one.first, one.last = s.variants[variant].first, s.variants[variant].last
    if flows > 0:
        enter(s, c)
        weigh(s, c, flows)
        seed(s, c)
