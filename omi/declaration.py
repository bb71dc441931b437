"""What the commands share: which declaration is meant, and how they print."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from inventory.load import default_declaration, load
from inventory.model import Cloud

ENVIRONMENT = "OMI_INVENTORY"
"""The variable that takes the place of ``--inventory``; `. .lab/env` sets it to the running lab's declaration."""
WIDE = 200
"""Columns for output that goes to no terminal: nothing is folded, so that it can be searched by line."""


def candidates(incomplete: str) -> list[str]:
    """The candidates whose names begin so, for the shell's completion."""
    names = sorted(path.stem for path in (default_declaration() / "candidates").glob("*.yaml"))
    return [name for name in names if name.startswith(incomplete)]


Inventory = Annotated[
    Path | None,
    typer.Option(
        "--inventory",
        "-i",
        metavar="DIR",
        envvar=ENVIRONMENT,
        help="Another declaration: a folder with cloud.yaml and cities/ in it.",
        show_default="this repository's",
    ),
]
Add = Annotated[
    list[str] | None,
    typer.Option(
        "--add",
        metavar="CITY[,CITY]",
        help="As if these candidates had joined (DIR/candidates/CITY.yaml).",
        autocompletion=candidates,
        show_default=False,
    ),
]


def declared(inventory: Path | None, add: list[str] | None) -> Cloud:
    """The cloud that is meant. Raises inventory.problem.InvalidDeclarationError."""
    return load(inventory, names(add))


def of_lab() -> Path | None:
    """The folder of the declaration that commands on the running cloud speak of; None: the repository's.

    It is OMI_INVENTORY's, else the one that the lab on this machine is built from: who has not sourced `.lab/env`
    sees the cloud that stands, too.
    """
    from lab import identity
    from lab.paths import LabPaths

    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else identity.folder(LabPaths.from_environment())


def names(add: list[str] | None) -> list[str]:
    """The candidates that ``--add`` names, given once with commas or several times."""
    return [name.strip() for item in add or () for name in item.split(",") if name.strip()]


def console() -> Console:
    """Where tables go: as wide as the terminal, or wide enough."""
    seen = Console(highlight=False)
    return seen if seen.is_terminal else Console(highlight=False, width=WIDE)
