"""`omi check`: is the declaration sound?"""

from __future__ import annotations

import json as json_text
from typing import Annotated, Any

import typer
from rich.table import Table

from inventory.digest import digest
from inventory.model import Cloud
from inventory.plan import plan
from inventory.problem import InvalidDeclarationError
from omi.declaration import Add, Inventory, console, declared

app = typer.Typer(add_completion=False)


@app.command(
    epilog="Examples: [bold]omi check[/bold], [bold]omi check --add otsu,hikone[/bold], "
    "[bold]omi check -i ../draft --json[/bold]"
)
def check(
    inventory: Inventory = None,
    add: Add = None,
    json: Annotated[bool, typer.Option("--json", help="For a program to read, mistakes included.")] = False,
) -> None:
    """Check the declaration and show what it declares.

    Every mistake is printed at once, each as FILE:LINE:COLUMN: what is wrong; what would be right.
    The exit status is 2 then. Nothing is changed, whatever is found.
    """
    try:
        cloud = declared(inventory, add)
    except InvalidDeclarationError as error:
        if not json:
            raise
        typer.echo(answer([problem._asdict() for problem in error.problems], None))
        raise typer.Exit(error.exit_code) from None
    if json:
        typer.echo(answer([], digest(cloud)))
    else:
        console().print(summary(cloud))


def answer(problems: list[dict[str, Any]], found: str | None) -> str:
    """What `--json` prints."""
    body = {"ok": not problems, "problems": problems, "digest": found}
    return json_text.dumps(body, ensure_ascii=False, indent=1)


def summary(cloud: Cloud) -> Table:
    """What is declared, in a dozen lines."""
    topology = plan(cloud)
    table = Table(title=f"{cloud.file.title.en} {cloud.file.title.ja}", title_justify="left")
    for heading in ("", "site", "prefix", "AS", "hosts", "lines to the data center"):
        table.add_column(heading)
    for site in topology.sites:
        hosts = " ".join(host.name.removeprefix(f"{site.name}-") for host in site.hosts)
        lines = " ".join(f"{link.rate_bps / 1e9:g} Gbps" for link in site.links if link.kind == "line")
        table.add_row(site.title_ja, site.name, site.prefix, str(site.asn), hosts, lines)
    table.caption = f"sound; digest {topology.digest[:12]}"
    table.caption_justify = "left"
    return table
