"""`omi lab`: the whole cloud on this machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

import lab
from inventory.load import default_declaration
from inventory.plan import plan
from inventory.topology import Topology
from lab import identity, pulumi_state
from lab.environment import process_environment
from lab.lock import exclusive
from lab.privilege import require_root
from lab.progress import ConsoleReport
from lab.stage import wall_seconds
from omi import pipeline
from omi.checkout import CHECKOUT
from omi.declaration import Inventory, declared

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="The whole cloud on this machine: up, down, status, shell, reset.",
)
console = Console()

LIVE_FOLDERS = ("tests/hosts", "tests/infra", "tests/lab")
"""Where live tests are: each worker of pytest would otherwise read all others too, 8 s of a processor each."""
EVERY_LIVE_TEST = (
    (
        *("pytest", "-m", "live and not load"),
        *("-n", "4", "--dist", "loadgroup", "--no-loadscope-reorder", *LIVE_FOLDERS),
    ),
    ("pytest", "-m", "load", "tests/hosts/load"),
)


@app.command(
    epilog="Examples: [bold]omi lab up[/bold], [bold]omi lab up --inventory tests/data/small[/bold] "
    "(two cities, one session host)"
)
def up(inventory: Inventory = None) -> None:
    """Bring the lab up: install, build, configure and check, from whatever state the machine is in.

    It can be killed at any point and started again. On a running lab it changes nothing.

    A lab keeps its declaration. While hosts of another one stand, nothing is changed and the exit status is 2:
    remove them first, by `omi lab reset`, or by `pulumi destroy` after `. .lab/env`, which leaves the images.
    """
    topology = plan(declared(inventory, None))
    keep_declaration(inventory, topology.digest)
    with ConsoleReport(console) as report:
        results = pipeline.bring_up(topology, CHECKOUT, report)
    console.print()
    show_what_stands(topology)
    show_times(results)
    console.print(
        f"What next: `omi lab status`, `omi lab shell {topology.cities[0].hosts[0].name}`, "
        "or `. .lab/env` and then `pulumi preview`, "
        "`ansible-playbook ansible/site.yml`.",
        highlight=False,
    )


def keep_declaration(inventory: Path | None, digest: str) -> None:
    """Write down which declaration the lab is built from. Raises identity.OtherDeclarationError, lab.LabError."""
    require_root()
    paths = lab.LabPaths.from_environment()
    folder = inventory.resolve() if inventory else None
    if folder == default_declaration().resolve():
        folder = None
    with exclusive(paths):
        stands = pulumi_state.has_resources(paths, CHECKOUT)
        named = str(folder) if folder else None
        identity.write(paths, identity.decide(identity.read(paths), stands, named, digest))


@app.command()
def down() -> None:
    """Stop the lab and put the machine's settings back. What it holds stays for the next `up`."""
    with ConsoleReport(console) as report:
        lab.down(report)


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Stop the lab and remove it whole: hosts, images, keys, state. Installed packages stay."""
    paths = lab.LabPaths.from_environment()
    if not yes and not typer.confirm(f"Remove {paths.root} with every host, key and state in it?"):
        raise typer.Exit(1)
    with ConsoleReport(console) as report:
        lab.reset(CHECKOUT, report)


@app.command()
def status(
    json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Show what stands. Exit status 1 if the lab is not up."""
    seen = lab.status()
    if json:
        typer.echo(to_json(seen))
    else:
        console.print(table_of(seen))
    raise typer.Exit(0 if seen.is_up else 1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def shell(
    context: typer.Context,
    host: Annotated[str, typer.Argument(help="A host of the plan, such as konan-ce1.")],
) -> None:
    """Open a shell on a host, or run the words that follow there: `omi lab shell konan-ce1 ip route`."""
    command = [*lab.shell_command(host, CHECKOUT), *context.args]
    os.execvp(command[0], command)  # noqa: S606 - the shell takes our place; there is nothing left to do here


@app.command()
def test() -> None:
    """Run every test of the running lab: those that only look, then those that load or break, one by one."""
    environment = process_environment(lab.LabPaths.from_environment())
    for command in EVERY_LIVE_TEST:
        status = subprocess.run(command, cwd=CHECKOUT, env=environment, check=False).returncode
        if status != 0:
            raise typer.Exit(1)


def show_what_stands(topology: Topology) -> None:
    """A line a site: what it is, its prefix, and its hosts."""
    table = Table(title="What stands", title_justify="left")
    for heading in ("site", "", "prefix", "AS", "hosts"):
        table.add_column(heading, overflow="fold")
    for site in topology.sites:
        hosts = " ".join(host.name.removeprefix(f"{site.name}-") for host in site.hosts)
        table.add_row(site.name, site.title_ja, site.prefix, str(site.asn), hosts)
    console.print(table)


def show_times(results: Iterable[lab.StageResult]) -> None:
    """How long each stage took, and all of them together on the clock: some ran side by side."""
    table = Table(title="How long it took", title_justify="left")
    table.add_column("stage")
    table.add_column("seconds", justify="right")
    table.add_column("")
    results = list(results)
    for result in results:
        table.add_row(result.name, f"{result.seconds:.1f}", result.outcome)
    table.add_row("all", f"{wall_seconds(results):.1f}", "", style="bold")
    console.print(table)


def table_of(seen: lab.LabStatus) -> Table:
    """The lab's state as a table."""
    table = Table(show_header=False, title=f"The lab in {seen.root}", title_justify="left")
    counts = ", ".join(f"{count} {state.lower()}" for state, count in sorted(seen.instances.items()))
    daemon = {"keep": "up", "start": "down", "replace": "not answering"}[seen.daemon]
    rows = {
        "daemon": daemon,
        "network namespace": "there" if seen.namespace else "not there",
        "kernel settings": "raised" if seen.kernel else "the machine's own",
        "hosts": counts or "none",
        "memory": memory_of(seen.memory),
        "images": ", ".join(seen.images) or "none",
        "images to build": ", ".join(seen.outdated_images) or "none",
        "pulumi": seen.pulumi or "not there",
        "pulumi at work": f"process {seen.locked_by}" if seen.locked_by else "no",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def memory_of(used: lab.MemoryUse) -> str:
    """The lab's own memory, and apart from it the files that the kernel keeps until somebody needs the room."""
    return f"{used.own / 2**20:,.0f} MiB, and {used.files / 2**20:,.0f} MiB of cached files"


def to_json(seen: lab.LabStatus) -> str:
    """The lab's state as JSON."""
    from pydantic import TypeAdapter

    return TypeAdapter(lab.LabStatus).dump_json(seen, indent=1).decode()
