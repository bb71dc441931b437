"""What the command line runs. Each function prints what came of it and returns the exit status:
0 fine, 1 the answer is no, 2 bad input, 3 the environment; 130 interrupted, what was done being kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from capacity import progress, tables
from capacity.hinges import hinges
from capacity.store import Store
from capacity.verdict import cases, model, observe, worst_cases, write, write_up
from capacity.workers import Workers
from inventory.digest import digest
from inventory.load import load
from inventory.model import Cloud
from inventory.problem import InvalidDeclarationError
from inventory.verdict import Verdict

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
            return work(cloud, Workers(store, scheduler, report))
    except KeyboardInterrupt:
        console.print("interrupted: what is done is kept; the same command goes on from there")
        return INTERRUPTED
    except OSError as error:
        console.print(f"{title}: {error}", markup=False, highlight=False, soft_wrap=True)
        return ENVIRONMENT
