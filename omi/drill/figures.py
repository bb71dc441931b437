"""All cities' ledgers as the figures that objectives limit. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from omi.drill.ledger import (
    CityLedger,
    Window,
    longest_of_repair,
    longest_silence,
    lost_span,
    served_again,
    settle,
)
from omi.drill.objectives import Figures, largest


def summarize(
    ledgers: Mapping[str, CityLedger],
    window: Window,
    until: float,
    decided: float | None = None,
    concerned: Collection[str] | None = None,
) -> Figures:
    """What the cities went through.

    ``until``: when the clients were stopped. ``decided``: from when the RTO counts, if not from the fault.
    ``concerned``: the cities the fault is about, if not all: the RTO is theirs, ``others_silence`` the others'.
    """
    own = set(ledgers if concerned is None else concerned)
    silence = {city: longest_silence(one.entries, window, until) for city, one in ledgers.items()}
    served = {city: served_again(one.entries, window, until, decided) for city, one in ledgers.items()}
    outcomes = {city: settle(one.entries, one.rows) for city, one in ledgers.items()}
    figures: Figures = {
        "silence": max(silence[city] for city in own),
        "repair_silence": max(longest_of_repair(ledgers[city].entries, window, until) for city in own),
        "rto": largest([served[city] for city in own]),
        "rows_lost": sum(len(outcome.lost) for outcome in outcomes.values()),
        "rows_doubled": sum(outcome.doubled + outcome.invented for outcome in outcomes.values()),
        "rows_acknowledged": sum(outcome.acknowledged for outcome in outcomes.values()),
        "rows_unknown": sum(outcome.unknown for outcome in outcomes.values()),
        "lost_span": max(
            lost_span(ledgers[city].entries, outcome.lost, window.start) for city, outcome in outcomes.items()
        ),
    }
    others = [silence[city] for city in ledgers if city not in own]
    return figures | ({"others_silence": max(others)} if others else {})
