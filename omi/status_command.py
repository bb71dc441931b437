"""`omi status`: the page of the person on duty."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from inventory.load import load
from inventory.plan import plan
from inventory.verdict import directory, read_verdict
from lab import identity
from lab.files import write_atomically
from lab.paths import LabPaths
from omi.checkout import CHECKOUT
from omi.declaration import console as table_console
from omi.declaration import of_lab
from omi.status import findings, gather, prometheus, show
from omi.status.page import page
from omi.status.words import Language

MEASUREMENTS = CHECKOUT / "measurements"
DEFAULT_FILE = Path("status.html")

app = typer.Typer(add_completion=False)


@app.command(
    epilog="Examples: [bold]omi status[/bold], [bold]omi status --html --lang ja -o status.html[/bold], "
    "[bold]omi status --json[/bold]"
)
def status(
    html: Annotated[
        bool, typer.Option("--html", help="Write one HTML file that needs nothing but itself.")
    ] = False,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to.", show_default="status.html")
    ] = DEFAULT_FILE,
    lang: Annotated[Language, typer.Option("--lang", help="In which language.")] = "en",
    json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Show how the cloud is: sites, lines, databases, backups, certificates, desktops, alerts, drills, verdict.

    Exit status 1 if anything is red, or unknown: where no monitor answers, the page says so in red.
    """
    cloud = load(of_lab())
    topology = plan(cloud)
    answers = prometheus.ask_all(topology, prometheus.over_ssh(CHECKOUT))
    drills = gather.last_drills(cloud, MEASUREMENTS)
    verdict = read_verdict(directory(CHECKOUT), topology.digest)
    lab = identity.read(LabPaths.from_environment())
    facts = gather.facts(cloud, topology, answers, drills, verdict, time.time(), lab.id if lab else None)
    if json:
        typer.echo(facts.model_dump_json(indent=1))
    else:
        shown = page(facts, topology, getattr(cloud.file.title, lang), lang)
        if html:
            write_atomically(output, show.html(shown))
            typer.echo(output)
        else:
            table_console().print(show.console(shown))
    raise typer.Exit(1 if findings.is_red(facts, topology.watching) else 0)
