"""`omi policy`: who may reach whom, from the one table in the declaration that decides it."""

from __future__ import annotations

import json as json_text
from typing import Annotated

import typer
from rich.table import Table

from inventory import policy
from inventory.model import Opening
from inventory.openings import CITY, is_entitled
from inventory.plan import plan
from inventory.topology import Host, Topology
from omi.declaration import Add, Inventory, console, declared

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Show who may reach whom, and say why for one connection.",
)


@app.command(epilog="Examples: [bold]omi policy show[/bold], [bold]omi policy show --json[/bold]")
def show(
    inventory: Inventory = None,
    add: Add = None,
    json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """List every opening: who may open a connection to whom, at which ports, and what for. All else is refused."""
    topology = plan(declared(inventory, add))
    if json:
        rows = [opening.model_dump(mode="json") for opening in topology.openings]
        typer.echo(json_text.dumps(rows, ensure_ascii=False, indent=1))
    else:
        console().print(table_of(topology))


def table_of(topology: Topology) -> Table:
    """The openings as a table."""
    table = Table()
    for name in ("from", "to", "TCP ports", "cities entitled", "what for"):
        table.add_column(name, overflow="fold")
    for opening in topology.openings:
        table.add_row(
            " ".join(opening.sources),
            " ".join(opening.to),
            " ".join(map(str, opening.ports)) or opening.protocol,
            entitled(topology, opening),
            opening.why,
        )
    table.caption = "inside one zone only; whatever is not here is refused"
    table.caption_justify = "left"
    return table


def entitled(topology: Topology, opening: Opening) -> str:
    """Which cities an opening is for: nothing where none is meant, `all` where none is left out."""
    if CITY not in opening.sources:
        return ""
    cities = [city.name for city in topology.cities if is_entitled(city, opening)]
    return "all" if len(cities) == len(topology.cities) else " ".join(cities) or "none"


@app.command(
    epilog="Examples: [bold]omi policy explain konan-pc1 dc-cs1 8443[/bold], "
    "[bold]omi policy explain kusatsu-pc1 konan-pc1 22[/bold]"
)
def explain(
    source: Annotated[str, typer.Argument(metavar="FROM", help="A host of the plan.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="A host of the plan.")],
    port: Annotated[int, typer.Argument(min=1, max=65535, metavar="PORT", help="TCP port.")],
    inventory: Inventory = None,
    add: Add = None,
) -> None:
    """Say whether FROM may open a connection to PORT of TO, and why. Exit status 1 if it may not."""
    topology = plan(declared(inventory, add))
    answer = policy.explain(topology, host(topology, source, "FROM"), host(topology, target, "TO"), port)
    verb = "may open" if answer.allowed else "may not open"
    typer.echo(f"{source} {verb} a connection to {target}, port {port}: {answer.why}")
    raise typer.Exit(0 if answer.allowed else 1)


def host(topology: Topology, name: str, hint: str) -> Host:
    """The host called ``name``. Raises typer.BadParameter, which ends with 2."""
    try:
        return topology.host(name)
    except KeyError:
        raise typer.BadParameter(
            f"{name!r} is no host; `omi inventory addresses` lists them", param_hint=hint
        ) from None
