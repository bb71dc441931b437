"""All cities' ledgers as figures."""

from __future__ import annotations

import pytest

from omi.drill.figures import summarize
from omi.drill.ledger import CityLedger, Entry, Window


def city(times, missing=(), extra=()):
    """A city that was acknowledged a row at each time; of the rows, those ``missing`` are not found."""
    entries = [Entry(event, n, 1, at) for n, at in enumerate(times, 1) for event in ("sent", "acked")]
    rows = [(n, 1) for n in range(1, len(times) + 1) if n not in missing]
    return CityLedger(entries, rows + [(n, 1) for n in extra])


STEADY = [n / 10 for n in range(200)]
SILENT = [at for at in STEADY if not 5 < at < 9]
WINDOW = Window(5.05, 12)


def test_a_city_that_was_silent_counts_for_all():
    figures = summarize({"konan": city(STEADY), "yasu": city(SILENT)}, WINDOW, until=19.9)
    assert figures["silence"] == pytest.approx(4.0)
    assert figures["rto"] == pytest.approx(3.95)
    assert (figures["rows_lost"], figures["rows_doubled"], figures["lost_span"]) == (0, 0, 0)
    assert figures["rows_acknowledged"] == len(STEADY) + len(SILENT)
    assert "others_silence" not in figures


def test_rows_are_added_up_and_the_oldest_lost_one_counts():
    ledgers = {"konan": city(STEADY, missing=(40, 41)), "yasu": city(SILENT, missing=(51,), extra=(3, 999))}
    figures = summarize(ledgers, WINDOW, until=19.9)
    assert figures["rows_lost"] == 3
    assert figures["rows_doubled"] == 2  # number 3 twice, and one that was never sent
    assert figures["lost_span"] == pytest.approx(5.05 - 3.9)


def test_a_city_that_never_comes_back_makes_the_rto_endless():
    figures = summarize({"konan": city(STEADY), "yasu": city(STEADY[:50])}, WINDOW, until=19.9)
    assert figures["rto"] is None
    assert figures["silence"] == pytest.approx(15.0)


def test_of_a_fault_that_concerns_one_city_the_others_silence_is_a_figure_of_its_own():
    ledgers = {"konan": city(STEADY), "yasu": city(SILENT)}
    figures = summarize(ledgers, WINDOW, until=19.9, concerned=["konan"])
    assert figures["silence"] == pytest.approx(0.1)
    assert figures["rto"] == 0
    assert figures["others_silence"] == pytest.approx(4.0)


def test_a_silence_that_the_repair_brings_is_a_figure_of_its_own():
    figures = summarize(
        {"konan": city(STEADY), "yasu": city(SILENT)}, Window(1.05, 12, repair=4.5), until=19.9
    )
    assert figures["silence"] == pytest.approx(4.0)
    assert figures["repair_silence"] == pytest.approx(4.0)
    assert figures["rto"] == 0


def test_the_rto_counts_from_the_decision_where_there_is_one():
    figures = summarize({"yasu": city(SILENT)}, WINDOW, until=19.9, decided=8)
    assert figures["rto"] == pytest.approx(1.0)
