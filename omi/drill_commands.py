"""`omi drill`: break one thing of the running lab, and see what it costs."""

from __future__ import annotations

import json as json_text
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from inventory.load import load
from inventory.plan import plan
from lab.environment import is_ready
from lab.errors import LabError
from lab.paths import LabPaths
from lab.privilege import require_root
from omi.checkout import CHECKOUT
from omi.declaration import console as table_console
from omi.declaration import of_lab
from omi.drill import health, rehearsal, report, runbooks, story
from omi.drill.drills import DRILLS, login_storm
from omi.drill.measurement import Measurement
from omi.drill.reach import Lab
from omi.drill.rehearsal import Played
from omi.drill.story import Drill

MEASUREMENTS = CHECKOUT / "measurements"
SHOWN = 110
"""Characters of what is going on that fit on a line."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Break one thing of the running lab, and see what it costs: `omi drill db-kill`, `omi drill all`.",
)
Json = Annotated[bool, typer.Option("--json", help="For a program to read.")]
Repeat = Annotated[int, typer.Option("--repeat", min=1, max=100, help="Play each so many times.")]
Into = Annotated[
    Path,
    typer.Option("--into", metavar="DIR", help="Keep the figures there.", show_default="measurements/"),
]


@contextmanager
def running_lab() -> Iterator[Lab]:
    """The lab, with a line that says what is going on. Raises LabError where there is no running lab."""
    require_root()
    paths = LabPaths.from_environment()
    cloud = load(of_lab())
    topology = plan(cloud)
    if not is_ready(paths, [(host.name, host.management) for host in topology.hosts()], CHECKOUT):
        raise LabError("this checkout knows of no running lab of this declaration", "run `omi lab up`")
    with progress() as say:
        yield Lab(cloud, topology, paths, CHECKOUT, say)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that says what is going on: on a terminal in one line, else in a line each time that it changes."""
    told = Console(stderr=True, highlight=False, markup=False)
    if told.is_terminal:
        with told.status("") as status:
            yield lambda text: status.update(text[:SHOWN])
        return
    said = [""]

    def say(text: str) -> None:
        if text != said[-1]:
            said.append(text)
            typer.echo(f"  {text[:SHOWN]}", err=True)

    yield say


def tell(played: Played) -> None:
    """Show one playing."""
    table_console().print(report.result(played.drill, played.judged, played.figures))


def rehearse(drills: list[Drill], repeat: int, json: bool, into: Path) -> list[Measurement]:
    """Play the drills, each shown as soon as it has been played. Raises what :func:`rehearsal.rehearse` raises."""
    with running_lab() as lab, rehearsal.alone(lab.paths):
        return rehearsal.rehearse(lab, drills, repeat, into, (lambda _: None) if json else tell)


def leave(done: list[Measurement], json: bool) -> None:
    """Print what is asked for, and leave with 1 where an objective was missed."""
    if json:
        typer.echo(json_text.dumps([one.model_dump() for one in done], indent=1))
    raise typer.Exit(0 if all(one.kept for one in done) else 1)


@app.command("list")
def list_() -> None:
    """Show which drills there are, what each breaks, and what that may cost at most."""
    table_console().print(report.listing(load(of_lab()).file.drills, DRILLS))


@app.command("all", epilog="Example: [bold]omi drill all --repeat 3[/bold]")
def all_(repeat: Repeat = 1, json: Json = False, into: Into = MEASUREMENTS) -> None:
    """Play all declared drills, one after the other; a table of all figures at the end.

    Exit status 0 if every objective was met, 1 if one was missed.
    """
    declared = {drill.name for drill in load(of_lab()).file.drills}
    done = rehearse([drill for drill in DRILLS.values() if drill.name in declared], repeat, json, into)
    if not json:
        table_console().print(report.overview(done))
    leave(done, json)


@app.command()
def repair() -> None:
    """Put right what a drill has left that was interrupted, and wait until all is well."""
    with running_lab() as lab, rehearsal.alone(lab.paths):
        name = story.put_right(lab, DRILLS.values())
    typer.echo(f"repaired what {name} had left" if name else "no drill has left anything")


@app.command("health")
def health_() -> None:
    """Show what is not well, as a drill sees it before it begins. Exit status 1 if there is anything."""
    with running_lab() as lab:
        found = health.problems(lab)
    typer.echo("\n".join(found) if found else "all is well")
    raise typer.Exit(1 if found else 0)


@app.command("runbooks")
def runbooks_(from_: Into = MEASUREMENTS) -> None:
    """Write the figures of the last drills into the runbooks (docs/runbooks)."""
    for page in runbooks.refresh(CHECKOUT / "docs" / "runbooks", from_, load().file):
        typer.echo(page)


def hang_in(name: str) -> None:
    """`omi drill NAME`, one command for each drill."""

    @app.command(name, help=summary(name))
    def play(repeat: Repeat = 1, json: Json = False, into: Into = MEASUREMENTS) -> None:
        leave(rehearse(rehearsal.chosen([name]), repeat, json, into), json)


def summary(name: str) -> str:
    """The first sentence of what a drill's module says of itself."""
    import inspect

    module = inspect.getmodule(DRILLS[name].observe)
    return (module.__doc__ or name).strip().splitlines()[0] if module else name


@app.command("login-storm", help=summary("login-storm"))
def login_storm_(
    users: Annotated[
        int, typer.Option("--users", min=1, max=2000, help="So many people.")
    ] = login_storm.USERS,
    minutes: Annotated[
        float, typer.Option("--minutes", min=0.1, max=120, help="All of them within this time.")
    ] = login_storm.MINUTES,
    repeat: Repeat = 1,
    json: Json = False,
    into: Into = MEASUREMENTS,
) -> None:
    """See omi/drill/drills/login_storm.py; exit status as for all drills."""
    leave(rehearse([login_storm.storm(users, minutes)], repeat, json, into), json)


for _name in DRILLS:
    if _name != login_storm.DRILL.name:
        hang_in(_name)
