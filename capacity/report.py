"""The report: one HTML file that needs no network, in Japanese or English. The verdict comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from capacity.charts import Line, legend, line_chart
from capacity.failures import NOTHING, Failure, Part
from capacity.figures import Figures
from capacity.growth import Growth, LimitResult
from capacity.layout import Layout
from capacity.load import morning_load, shares_by_count, times
from capacity.night_load import night_load, night_times
from capacity.parameters import PATHS, Parameters, quantity
from capacity.population import MIDDLE_S
from capacity.report_text import Language, case_name, failure_name, limit_name, words
from capacity.run import Case
from capacity.statistics import interval
from capacity.tables import amount, size
from capacity.verdict import Model, Worst
from inventory.model import Cloud
from inventory.quantity import Quantity
from inventory.verdict import Verdict

TEMPLATE = "report.html.j2"
SHARE = "sign_in_refused"


@dataclass(frozen=True)
class Findings:
    """All that the report shows."""

    cloud: Cloud
    model: Model
    verdict: Verdict
    worst: Sequence[Worst]
    figures: dict[Case, list[Figures]]
    growth: Growth
    everybody: Layout
    """The cities of ``growth``, in the order in which they join."""


def render(findings: Findings, language: Language) -> str:
    """The whole page."""
    folder = Path(__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
    said = words(language)
    titles = city_titles(findings.cloud, language)
    return environment.get_template(TEMPLATE).render(
        language=language,
        said=said,
        cloud_title=getattr(findings.cloud.file.title, language),
        verdict=findings.verdict,
        promises=[promise_row(worst, titles, said) for worst in findings.worst],
        hinges=findings.verdict.hinges[:20],
        loads=load_charts(findings, titles, said),
        nights=night_charts(findings, titles, said),
        matrix=matrix(findings, titles, said),
        levels=Figures._fields,
        growth_chart=growth_chart(findings, said),
        limits=[limit_row(limit, titles, said) for limit in ordered(findings.growth.limits)],
        growth_holds=not findings.growth.still_broken,
        quantities=quantities(findings.cloud),
    )


def city_titles(cloud: Cloud, language: Language) -> dict[str, str]:
    """Each city's name for people."""
    return {city.name: getattr(city.title, language) for city in cloud.cities}


def said_amount(level: str, value: float) -> str:
    """A figure with its unit."""
    return amount(100 * value, "%") if level == SHARE else amount(value, "s")


def promise_row(worst: Worst, titles: dict[str, str], said: dict[str, str]) -> dict[str, Any]:
    """One promise of the first table."""
    mean, low, high = worst.interval
    return {
        "level": said[worst.level],
        "regime": said[worst.regime],
        "limit": said_amount(worst.level, worst.limit),
        "figure": said_amount(worst.level, mean),
        "interval": f"{said_amount(worst.level, low)} – {said_amount(worst.level, high)}",
        "margin": margin(high, worst.limit),
        "worst": case_name(worst.case, titles, said),
        "passed": worst.passed,
    }


def margin(value: float, limit: float) -> str:
    """What is left of a promise, in per cent of it; nothing for a promise of zero."""
    return f"{1 - value / limit:.0%}" if limit else ""


def load_charts(findings: Findings, titles: dict[str, str], said: dict[str, str]) -> list[dict[str, Any]]:
    """The morning on every link: nothing broken, an edge lost, the data center lost."""
    one = findings.model
    edge = Failure("edge", (Part("edge", one.layout.edges[0]),))
    lost = Failure("lost", (Part("data_center", "dc"),))
    opens, marks = one.parameters.opens, clock_ticks(one.parameters)
    charts = []
    for failure in (NOTHING, edge, lost):
        curves = [
            Line(load.link, [(opens + t - MIDDLE_S, s) for t, s in zip(times(), load.share, strict=True)])
            for load in morning_load(one.layout, one.parameters, failure)
        ]
        fullest = sorted(curves, key=lambda line: -max(y for _, y in line.points))[:8]
        name = failure_name(failure, titles, said)
        charts.append({"name": name, "svg": line_chart(name, fullest, [], marks), "legend": legend(fullest)})
    return charts


def night_charts(findings: Findings, titles: dict[str, str], said: dict[str, str]) -> list[dict[str, Any]]:
    """The night on the replication link's legs: nothing broken, the first leg lost, all lost."""
    one, night = findings.model, findings.cloud.file.demand.night
    legs = tuple(Part("leg", leg.name) for leg in one.layout.legs)
    length_s = one.levels.degraded.backup_done_within.base
    opens, hours = night.opens.base, range(0, round(length_s / 3600) + 1, 2)
    marks = [(opens + 3600 * hour, f"{round(opens / 3600 + hour) % 24:02d}:00") for hour in hours]
    clock = opens + night_times(length_s)
    charts = []
    for failure in (NOTHING, Failure("leg", legs[:1]), Failure("legs", legs)):
        curves = [
            Line(said[what].format(load.link), list(zip(clock, load.share, strict=True)))
            for pair in night_load(one.layout, one.parameters, failure, length_s)
            for what, load in zip(("night_log", "night_all"), pair, strict=True)
        ]
        name = failure_name(failure, titles, said)
        charts.append({"name": name, "svg": line_chart(name, curves, [], marks), "legend": legend(curves)})
    return charts


def clock_ticks(parameters: Parameters) -> list[tuple[float, str]]:
    """Every half hour of the model's morning."""
    steps = (-MIDDLE_S, -MIDDLE_S / 2, 0.0, MIDDLE_S / 2, MIDDLE_S)
    seconds = [parameters.opens + step for step in steps]
    return [(s, f"{int(s // 3600):02d}:{int(s % 3600 // 60):02d}") for s in seconds]


def matrix(findings: Findings, titles: dict[str, str], said: dict[str, str]) -> list[dict[str, Any]]:
    """Every case: mean figure and margin of each promise, and a class for its colour."""
    rows = []
    for case, runs in findings.figures.items():
        regime = findings.model.regime(case)
        promise = findings.model.promise(regime)
        cells = []
        for level in Figures._fields:
            mean = interval([getattr(run, level) for run in runs]).mean
            limit = getattr(promise, level).base
            cells.append(
                {"text": said_amount(level, mean), "margin": margin(mean, limit), "tone": tone(mean, limit)}
            )
        rows.append({"name": case_name(case, titles, said), "regime": said[regime], "cells": cells})
    return rows


def tone(value: float, limit: float) -> str:
    """How near a figure is to its limit: a class of the style sheet."""
    if value > limit:
        return "over"
    return "near" if limit and value > 0.7 * limit else "well"


def growth_chart(findings: Findings, said: dict[str, str]) -> dict[str, Any]:
    """Peak demand by what there is, over the count of cities, with the simulated break points."""
    curves = [
        Line(said[name], list(enumerate(shares, start=1)))
        for name, shares in shares_by_count(findings.everybody, findings.model.parameters).items()
    ]
    count = len(findings.everybody.cities)
    breaks = sorted({limit.breaks_at for limit in findings.growth.limits if limit.breaks_at})
    ticks = [(float(n), str(n)) for n in sorted({1, *range(5, count, max(5, count // 8)), count})]
    svg = line_chart(said["growth"], curves, [(float(n), str(n)) for n in breaks], ticks)
    return {"svg": svg, "legend": legend(curves)}


def ordered(limits: Sequence[LimitResult]) -> list[LimitResult]:
    """Those that break first come first."""
    return sorted(limits, key=lambda one: (one.breaks_at is None, one.breaks_at or 0))


def limit_row(limit: LimitResult, titles: dict[str, str], said: dict[str, str]) -> dict[str, str]:
    """One limit of the growth table."""
    row = {"name": limit_name(limit.limit, said), "declared": size(limit.limit, limit.declared)}
    if limit.broken is None:
        return row | {"count": said["never"], "broken": "", "mended": "", "enough": ""}
    city = titles.get(limit.city or "", limit.city or "")
    return row | {
        "count": f"{limit.breaks_at} ({city})",
        "broken": f"{said[limit.broken.level]} {said_amount(limit.broken.level, limit.broken.figure)}",
        "mended": needed(limit, limit.mended_by, said),
        "enough": needed(limit, limit.enough_for_all, said),
    }


def needed(limit: LimitResult, value: float | None, said: dict[str, str]) -> str:
    """A size that is enough; if none is, the largest there is, which is not."""
    if value is None:
        return said["more_than"].format(size(limit.limit, limit.largest))
    return size(limit.limit, value)


def quantities(cloud: Cloud) -> list[tuple[str, Quantity]]:
    """Every quantity the model computes with, by its path."""
    return [(path, quantity(cloud, path)) for path in dict.fromkeys(PATHS.values())]
