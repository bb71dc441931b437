"""What the command line runs. Each function prints what came of it and returns the exit status:
0 fine, 1 the answer is no, 2 bad input, 3 the environment; 130 interrupted, what was done being kept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from capacity import progress, tables
from capacity.availability import availability as available
from capacity.buying import grow
from capacity.growth import Grower, Growth
from capacity.hinges import hinges
from capacity.layout import grown, in_order
from capacity.run import Case
from capacity.screening import pairs, screen, to_be_run
from capacity.store import Store
from capacity.verdict import cases, model, observe, worst_cases, write, write_up
from capacity.workers import Workers
from inventory.digest import digest
from inventory.load import default_declaration, load
from inventory.model import Cloud
from inventory.problem import InvalidDeclarationError
from inventory.verdict import Verdict

if TYPE_CHECKING:
    from capacity.report_text import Language

FINE, NO, BAD_INPUT, ENVIRONMENT, INTERRUPTED = 0, 1, 2, 3, 130


def verdict(
    add: Sequence[str] = (),
    inventory: Path | None = None,
    json: bool = False,
    scheduler: str | None = None,
    checkout: Path = Path(),
) -> int:
    """Judge the declaration, with the candidates in ``add``, and write the verdict into ``checkout``."""

    def work(cloud: Cloud, workers: Workers) -> int:
        result = judged(cloud, workers)
        target = write(result, checkout)
        if json:
            print(result.model_dump_json(indent=1))
        else:
            tables.verdict(result, target)
        return FINE if result.passed else NO

    return on_declaration(work, "verdict", add, inventory, scheduler, checkout)


def judged(cloud: Cloud, workers: Workers) -> Verdict:
    """The whole verdict on ``cloud``: figures of all cases, worst cases, hinges."""
    one = model(cloud)
    figures = observe(one, cases(one), workers)
    worst = worst_cases(one, figures)
    return write_up(cloud, worst, figures, hinges(cloud, one, worst, workers))


def on_declaration(
    work: Callable[[Cloud, Workers], int],
    title: str,
    add: Sequence[str],
    inventory: Path | None,
    scheduler: str | None,
    checkout: Path,
) -> int:
    """Load the declaration and do ``work`` on it, saying what went wrong if something did."""
    console = Console(stderr=True)
    try:
        cloud = load(inventory, add)
    except InvalidDeclarationError as error:
        for problem in error.problems:
            console.print(str(problem), markup=False, highlight=False, soft_wrap=True)
        return BAD_INPUT
    try:
        with progress.shown(title) as report:
            store = Store(checkout / ".cache" / "capacity" / f"{digest(cloud)}.jsonl")
            with Workers(store, scheduler, report) as workers:
                return work(cloud, workers)
    except KeyboardInterrupt:
        console.print("interrupted: what is done is kept; the same command goes on from there")
        return INTERRUPTED
    except OSError as error:
        console.print(f"{title}: {error}", markup=False, highlight=False, soft_wrap=True)
        return ENVIRONMENT


def failures(
    add: Sequence[str] = (),
    inventory: Path | None = None,
    json: bool = False,
    scheduler: str | None = None,
    checkout: Path = Path(),
) -> int:
    """Screen every double failure and run the worst; 0 if what is promised in each of these is kept."""

    def work(cloud: Cloud, workers: Workers) -> int:
        one = model(cloud)
        screened = screen(one.layout, one.parameters, pairs(one.layout))
        chosen = to_be_run(screened)
        figures = observe(one, [Case(pair.failure, one.parameters.widths_s[0]) for pair in chosen], workers)
        promises = worst_cases(one, figures)
        if json:
            print_as_json(tables.pairs_as_data(screened, chosen, promises))
        else:
            tables.pairs(screened, chosen, promises)
        return FINE if all(promise.passed for promise in promises) else NO

    return on_declaration(work, "failures", add, inventory, scheduler, checkout)


def availability(add: Sequence[str] = (), inventory: Path | None = None, json: bool = False) -> int:
    """How much of a year each city has each service; 0 if all keep the municipal standard."""

    def work(cloud: Cloud, workers: Workers) -> int:
        del workers
        one = model(cloud)
        services = {city.name: city.services for city in cloud.cities}
        found = available(one.layout, one.parameters, services, cloud.file.failures.taken_over)
        standard = cloud.file.standards.availability.base
        if json:
            print_as_json([dataclasses.asdict(one) for one in found])
        else:
            tables.availability(found, standard)
        return FINE if all(one.least >= standard for one in found) else NO

    return on_declaration(work, "availability", add, inventory, None, Path())


def growth(
    cities: int | None = None,
    order: Sequence[str] = (),
    inventory: Path | None = None,
    json: bool = False,
    scheduler: str | None = None,
    checkout: Path = Path(),
    seed: int = 1,
) -> int:
    """At which count each limit breaks as cities join; 0 if with the upgrades found everything holds at the last.

    ``order`` names the candidates that join, one after the other (by default all there are, by their numbers);
    beyond them, up to ``cities`` in all, synthetic ones drawn with ``seed``.
    """
    names = order or candidates(inventory)

    def work(cloud: Cloud, workers: Workers) -> int:
        one = model(cloud)
        joined = in_order(one.layout, order)
        everybody = grown(joined, cities or len(joined.cities), seed)
        grower = Grower(everybody, one.parameters, one.levels, workers)
        first = sum(city.joined != "candidate" for city in cloud.cities)
        result = grow(grower, cloud.file.upgrades, first)
        if json:
            print_as_json(dataclasses.asdict(result))
        else:
            tables.growth(result)
        return NO if result.still_broken else FINE

    return on_declaration(work, "growth", names, inventory, scheduler, checkout)


def candidates(inventory: Path | None) -> list[str]:
    """The candidates that stand ready beside the declaration."""
    return sorted(path.stem for path in ((inventory or default_declaration()) / "candidates").glob("*.yaml"))


def print_as_json(data: object) -> None:
    """On standard output, for another program."""
    print(dumps(data, indent=1))


def report(
    output: Path,
    language: Language = "ja",
    inventory: Path | None = None,
    scheduler: str | None = None,
    checkout: Path = Path(),
) -> int:
    """Write the report on the declaration, and on its growth by all candidates, into the file ``output``."""
    from capacity.report import Findings, render  # its templates' engine takes others long to start

    found: list[Findings] = []

    def judge(cloud: Cloud, workers: Workers) -> int:
        one = model(cloud)
        figures = observe(one, cases(one), workers)
        worst = worst_cases(one, figures)
        result = write_up(cloud, worst, figures, hinges(cloud, one, worst, workers))
        write(result, checkout)
        nothing_yet = Growth((), (), ())
        found.append(Findings(cloud, one, result, worst, figures, nothing_yet, one.layout))
        return FINE if result.passed else NO

    def look_ahead(cloud: Cloud, workers: Workers) -> int:
        one, (first,) = model(cloud), found
        grown_up = grow(
            Grower(one.layout, one.parameters, one.levels, workers),
            cloud.file.upgrades,
            len(first.cloud.cities),
        )
        page = render(
            dataclasses.replace(first, cloud=cloud, growth=grown_up, everybody=one.layout), language
        )
        output.write_text(page, encoding="utf-8")
        return FINE

    status = on_declaration(judge, "verdict", (), inventory, scheduler, checkout)
    if status not in (FINE, NO):
        return status
    grew = on_declaration(look_ahead, "growth", candidates(inventory), inventory, scheduler, checkout)
    return grew or status
