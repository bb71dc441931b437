"""Compiled basics: sums that keep what rounding would lose, and heaps that know the place of each item.

A heap is three arrays: ``heap`` holds items (whole numbers), ``keys`` the key and ``slot`` the place of each
item. Many heaps share one ``heap`` array; each begins at its ``first`` and is as long as its owner says.
"""

from __future__ import annotations

from capacity.network.jit import compiled
from capacity.network.state import Floats, Ints


@compiled
def add(total: float, carry: float, value: float) -> tuple[float, float]:
    """``total + value`` and what rounding lost so far: (total, carry)."""
    result = total + value
    part = result - total
    return result, carry + ((total - (result - part)) + (value - part))


@compiled
def rise(keys: Floats, heap: Ints, slot: Ints, first: int, place: int) -> None:
    """Move the item at ``place`` of the heap that begins at ``first`` up to where its key belongs."""
    item = heap[first + place]
    while place > 0:
        parent = (place - 1) >> 1
        above = heap[first + parent]
        if keys[above] <= keys[item]:
            break
        heap[first + place] = above
        slot[above] = place
        place = parent
    heap[first + place] = item
    slot[item] = place


@compiled
def sink(keys: Floats, heap: Ints, slot: Ints, first: int, size: int, place: int) -> None:
    """Move the item at ``place`` of a heap of ``size`` down to where its key belongs."""
    item = heap[first + place]
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and keys[heap[first + child + 1]] < keys[heap[first + child]]:
            child += 1
        below = heap[first + child]
        if keys[below] >= keys[item]:
            break
        heap[first + place] = below
        slot[below] = place
        place = child
    heap[first + place] = item
    slot[item] = place


@compiled
def push(keys: Floats, heap: Ints, slot: Ints, first: int, size: int, item: int) -> None:
    """Put ``item`` into a heap that has ``size`` items so far."""
    heap[first + size] = item
    rise(keys, heap, slot, first, size)


@compiled
def take(keys: Floats, heap: Ints, slot: Ints, first: int, size: int, item: int) -> None:
    """Take ``item`` out of a heap of ``size``; it then has one less."""
    place = slot[item]
    slot[item] = -1
    last = heap[first + size - 1]
    if last != item:
        heap[first + place] = last
        slot[last] = place
        rise(keys, heap, slot, first, place)
        sink(keys, heap, slot, first, size - 1, slot[last])
