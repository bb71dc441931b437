"""The people of a morning and their work: who comes when, what each one's sign-in needs, what is typed at the
counters.

Every city draws from generators of its own, one for each purpose, keyed by (seed, city number, purpose):
adding a city or breaking a line changes no other random number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from capacity.arrivals import Floats, bell, steady
from capacity.layout import City, Layout
from capacity.parameters import Parameters

Ints = NDArray[np.int64]

MIDDLE_S = 3600.0
"""The middle of the bell in the model's time, s: it begins an hour before. Here something breaks."""
COUNTERS_FROM_S, COUNTERS_FOR_S = MIDDLE_S - 120.0, 900.0
"""The part of the morning, s, whose transactions are run: around the break, while the desktops fill up."""


class Purpose(IntEnum):
    """What a random stream is for."""

    ARRIVALS = 1
    PEOPLE = 2
    TRANSACTIONS = 3
    WORK = 4
    NIGHT = 5


@dataclass(frozen=True)
class People:
    """Those who sign in, ascending by arrival; each array (F,).

    arrival_s; city (place in the layout); size (work relative to the mean); broker (work relative to the
    mean); and a flow hash, from which ECMP chooses the line.
    """

    arrival_s: Floats
    city: Ints
    size: Floats
    broker: Floats
    flow_hash: Ints


@dataclass(frozen=True)
class Requests:
    """Transactions, ascending by time; each array (F,). Work is relative to the mean."""

    start_s: Floats
    city: Ints
    application: Floats
    database: Floats
    update: NDArray[np.bool_]
    flow_hash: Ints


def stream(seed: int, city: City, purpose: Purpose) -> np.random.Generator:
    """The random numbers of one city for one purpose."""
    return np.random.default_rng([seed, city.number, purpose])


def people(layout: Layout, parameters: Parameters, seed: int, share: float, width_s: float) -> People:
    """Who signs in: ``share`` of the desk users who are present, within ``width_s`` around the middle."""
    rows = []
    for place, city in enumerate(layout.cities):
        expected = city.users * parameters.present * share
        arrival = bell(stream(seed, city, Purpose.ARRIVALS), expected, MIDDLE_S, width_s)
        rng, count = stream(seed, city, Purpose.PEOPLE), len(arrival)
        rows.append(
            (
                arrival,
                np.full(count, place),
                lognormal(rng, parameters.varies, count),
                rng.exponential(size=count),
                rng.integers(1 << 32, size=count),
            )
        )
    return People(*in_order(rows))


def requests(layout: Layout, parameters: Parameters, seed: int) -> Requests:
    """What is typed at the core terminals in the part of the morning that is run."""
    rows = []
    for place, city in enumerate(layout.cities):
        rate = city.users * parameters.transactions_per_user
        start = steady(stream(seed, city, Purpose.TRANSACTIONS), rate, COUNTERS_FROM_S, COUNTERS_FOR_S)
        rng, count = stream(seed, city, Purpose.WORK), len(start)
        rows.append(
            (
                start,
                np.full(count, place),
                rng.exponential(size=count),
                rng.exponential(size=count),
                rng.random(count) < parameters.updates,
                rng.integers(1 << 32, size=count),
            )
        )
    return Requests(*in_order(rows))


def in_order(rows: Sequence[tuple[NDArray[Any], ...]]) -> list[NDArray[Any]]:
    """The cities' columns joined and sorted by the first one."""
    columns = [np.concatenate(column) for column in zip(*rows, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return [column[order] for column in columns]


def lognormal(rng: np.random.Generator, deviation: float, count: int) -> Floats:
    """Factors with mean 1 and the given standard deviation."""
    variance = np.log1p(deviation**2)
    return rng.lognormal(-variance / 2, np.sqrt(variance), count)
