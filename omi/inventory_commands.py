"""`omi inventory`: what follows from the declaration, before anything exists."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from inventory import addresses as address_list
from inventory import schema as schemas
from inventory.graph import Language, draw
from inventory.load import default_declaration
from inventory.plan import plan as make_plan
from inventory.topology import Topology
from omi.declaration import Add, Inventory, console, declared
from omi.errors import OutputError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Show what follows from the declaration, before anything exists.",
)

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write there.", show_default="standard output"),
]


@app.command(
    epilog="Examples: [bold]omi inventory addresses[/bold], "
    "[bold]omi inventory addresses --csv > addresses.csv[/bold], "
    "[bold]omi inventory addresses --json --add otsu[/bold]"
)
def addresses(
    inventory: Inventory = None,
    add: Add = None,
    csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
    json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """List every interface of every host: its network, its address, its rate and who is at the other end."""
    if csv and json:
        raise typer.BadParameter("--csv and --json exclude each other", param_hint="--csv")
    rows = address_list.addresses(make_plan(declared(inventory, add)))
    if csv:
        typer.echo(address_list.as_csv(rows), nl=False)
    elif json:
        typer.echo(json_text.dumps([row._asdict() for row in rows], ensure_ascii=False, indent=1))
    else:
        console().print(table_of(rows))


def table_of(rows: list[address_list.Address]) -> Table:
    """The addresses as a table, a rule between sites."""
    table = Table()
    for name in ("site", "host", "zone", "interface", "network", "address", "rate", "peer"):
        table.add_column(name, no_wrap=True, justify="right" if name == "rate" else "left")
    for number, row in enumerate(rows):
        rate = f"{row.rate_bps / 1e6:,.0f} Mbps" if row.rate_bps else ""
        ends = number + 1 == len(rows) or rows[number + 1].site != row.site
        cells = (row.site, row.host, row.zone, row.interface, row.network, row.address, rate, row.peer)
        table.add_row(*cells, end_section=ends)
    return table


@app.command(
    epilog="Examples: [bold]omi inventory plan[/bold], [bold]omi inventory plan --json | jq '.sites[].asn'[/bold]"
)
def plan(
    inventory: Inventory = None,
    add: Add = None,
    json: Annotated[bool, typer.Option("--json", help="All of it, for a program.")] = False,
) -> None:
    """List the networks that will stand; with --json the whole plan, hosts, sessions and links included."""
    topology = make_plan(declared(inventory, add))
    if json:
        typer.echo(topology.model_dump_json(indent=1))
    else:
        console().print(networks_of(topology))


def networks_of(topology: Topology) -> Table:
    """The networks as a table, a rule between sites."""
    table = Table()
    for name in ("network", "kind", "prefix", "zone", "joins"):
        table.add_column(name, no_wrap=True)
    for site in topology.sites:
        for number, network in enumerate(site.networks, start=1):
            cells = (network.name, network.kind, network.prefix, network.zone or "", " ".join(network.sites))
            table.add_row(*cells, end_section=number == len(site.networks))
    return table


@app.command(
    epilog="Examples: [bold]omi inventory graph -o cloud.svg[/bold], "
    "[bold]omi inventory graph --lang ja --add otsu,hikone > cloud.svg[/bold]"
)
def graph(
    inventory: Inventory = None,
    add: Add = None,
    output: Output = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the words in it.")] = Language.EN,
) -> None:
    """Draw the cloud as an SVG picture: sites, edge routers, lines with their rates, zones and hosts."""
    write(output, draw(declared(inventory, add), lang))


@app.command()
def schema(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Write there.", show_default="DIR/schema"),
    ] = None,
    inventory: Inventory = None,
) -> None:
    """Write the JSON Schemas of cloud.yaml and of a city's file, by which editors complete and check them.

    The declaration's files point at them; write them anew when the models have changed.
    """
    folder = output or (inventory or default_declaration()) / "schema"
    for name, text in schemas.schemas().items():
        write(folder / name, text)
        typer.echo(folder / name)


def write(path: Path | None, text: str) -> None:
    """Write ``text`` to ``path``, or to standard output. Raises OutputError."""
    if path is None:
        typer.echo(text, nl=False)
        return
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(path, error) from error
