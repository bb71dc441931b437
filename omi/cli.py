"""`omi`: one word, one module. A module is imported when its word is used, so that `omi --help` is quick.

To hang in another word, add a line to :data:`WORDS`: its module has a ``typer.Typer`` called ``app``.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from omi.errors import told

WORDS: dict[str, tuple[str, str]] = {
    "check": ("omi.check_command", "Check the declaration: all mistakes at once, each with its place."),
    "inventory": (
        "omi.inventory_commands",
        "Show what follows from the declaration: addresses, plan, picture.",
    ),
    "capacity": (
        "omi.capacity_commands",
        "Prove that it holds: verdict, failures, availability, growth, report, flows.",
    ),
    "gaiji": (
        "omi.gaiji_commands",
        "Non-standard characters: check, merge and draw the cities' registers.",
    ),
    "policy": ("omi.policy_commands", "Show who may reach whom, and why: show, explain."),
    "drill": ("omi.drill_commands", "Break one thing of the running lab, and see what it costs."),
    "status": ("omi.status_command", "Show how the cloud is: the page of the person on duty."),
    "lab": ("omi.lab_commands", "Run the whole cloud on this machine: up, down, status, shell, reset."),
}
"""Word to its module and what the help says of it."""


class Word(TyperCommand):
    """A word that has not been used yet: what the help says of it is known, its module is not imported."""

    def __init__(self, name: str, module: str, help: str) -> None:
        super().__init__(name, help=help)
        self.module = module

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Import the module: from here on its own command acts."""
        command = typer.main.get_command(importlib.import_module(self.module).app)
        return command.make_context(info_name, args, parent, **extra)


class Words(TyperGroup):
    """All words, and the one place where an error becomes a line and an exit status."""

    def __init__(self, **attributes: Any) -> None:
        words = {name: Word(name, module, help) for name, (module, help) in WORDS.items()}
        super().__init__(**attributes | {"commands": words})

    def invoke(self, ctx: Any) -> Any:
        """Do what the words say; whatever goes wrong is told in a line and an exit status."""
        with told():
            return super().invoke(ctx)


app = typer.Typer(
    cls=Words,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 fine, 1 the answer is no, 2 the input is wrong, 3 the machine stands in the way.",
)


def version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        typer.echo(f"omi {importlib.metadata.version('omi-cloud')}")
        raise typer.Exit


@app.callback()
def omi(
    _version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The integrated cloud of eight cities: declared once, proven, built, configured and checked.

    It is declared in [bold]inventory/data[/bold]; everything else follows from there.

    Begin with [bold]omi check[/bold], then [bold]omi inventory addresses[/bold], then [bold]omi lab up[/bold].
    """
