"""`omi capacity`: does it hold? Each word's work, and its exit status, is in capacity/."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from omi.checkout import CHECKOUT
from omi.declaration import Add, Inventory, names

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Prove that the cloud holds: at the sign-in peak, with parts broken, as cities join.",
)

Json = Annotated[bool, typer.Option("--json", help="For a program.")]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="tcp://...", help="A Dask cluster.", show_default="this machine"),
]


@app.command(
    epilog="Examples: [bold]omi capacity verdict[/bold], [bold]omi capacity verdict --add otsu,hikone[/bold]"
)
def verdict(
    add: Add = None, inventory: Inventory = None, json: Json = False, scheduler: Scheduler = None
) -> None:
    """Judge the declaration: every promise in every failure case, and what it hinges on.

    Exit status 0 if all promises are kept, 1 if one is broken. `pulumi up` builds nothing without a 0.
    """
    from capacity import commands

    raise typer.Exit(commands.verdict(names(add), inventory, json, scheduler, CHECKOUT))


@app.command(epilog="Example: [bold]omi capacity flows scenario.json --timing[/bold]")
def flows(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.json", help="Links, flows and changes.")],
    json: Json = False,
    timing: Annotated[bool, typer.Option("--timing", help="Also the solver's own times.")] = False,
) -> None:
    """Solve a scenario of flows that share links: when each ends, and its mean rate."""
    from capacity.network import cli

    raise typer.Exit(cli.flows(scenario, json, timing))


@app.command(epilog="Example: [bold]omi capacity failures --add otsu[/bold]")
def failures(
    add: Add = None, inventory: Inventory = None, json: Json = False, scheduler: Scheduler = None
) -> None:
    """Screen every pair of failures, and simulate the worst of them.

    Exit status 0 if what is promised then is kept in each, 1 if not.
    """
    from capacity import commands

    raise typer.Exit(commands.failures(names(add), inventory, json, scheduler, CHECKOUT))


@app.command(epilog="Example: [bold]omi capacity availability[/bold]")
def availability(add: Add = None, inventory: Inventory = None, json: Json = False) -> None:
    """Work out how much of a year each city has each service, against the municipal standard.

    Exit status 0 if all keep it, 1 if one does not.
    """
    from capacity import commands

    raise typer.Exit(commands.availability(names(add), inventory, json))


@app.command(
    epilog="Examples: [bold]omi capacity growth[/bold], [bold]omi capacity growth --order otsu,hikone[/bold], "
    "[bold]omi capacity growth --cities 400[/bold]"
)
def growth(
    cities: Annotated[
        int | None,
        typer.Option("--cities", min=1, max=1741, help="Up to so many, made-up ones after the candidates."),
    ] = None,
    order: Annotated[
        list[str] | None,
        typer.Option(
            "--order", metavar="CITY[,CITY]", help="Who joins, in turn.", show_default="the candidates"
        ),
    ] = None,
    inventory: Inventory = None,
    json: Json = False,
    scheduler: Scheduler = None,
) -> None:
    """Find the count of cities at which each limit breaks, and the smallest upgrade that mends it.

    Exit status 0 if with these upgrades everything holds at the last count.
    """
    from capacity import commands

    raise typer.Exit(commands.growth(cities, names(order), inventory, json, scheduler, CHECKOUT))


class Language(StrEnum):
    """Language of a report."""

    EN = "en"
    JA = "ja"


@app.command(
    epilog="Examples: [bold]omi capacity report[/bold], [bold]omi capacity report --lang en -o report.html[/bold]"
)
def report(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Write there.")] = Path(
        "capacity.html"
    ),
    lang: Annotated[Language, typer.Option("--lang", help="Language of the words in it.")] = Language.JA,
    inventory: Inventory = None,
    scheduler: Scheduler = None,
) -> None:
    """Write one HTML file that needs no network: verdict, load of the day, failures, growth, quantities."""
    from capacity import commands

    raise typer.Exit(commands.report(output, lang.value, inventory, scheduler, CHECKOUT))
