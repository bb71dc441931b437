"""`omi capacity`: does it hold? Each word's work, and its exit status, is in capacity/."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from omi.declaration import Add, Inventory, names
from omi.pipeline import CHECKOUT

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
