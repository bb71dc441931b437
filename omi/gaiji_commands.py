"""`omi gaiji`: the cities' registers of non-standard characters, merged into one."""

from __future__ import annotations

import json as json_text
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from inventory.gaiji import example as examples
from inventory.gaiji import ledger, table
from inventory.gaiji import reference as references
from inventory.gaiji.codec import UnknownCharactersError
from inventory.gaiji.load import FOLDER, LEDGER, default_reference, load
from inventory.gaiji.merge import Merged
from inventory.gaiji.notation import is_private
from inventory.graph import Language
from inventory.load import default_declaration
from inventory.load import load as load_cloud
from omi.declaration import Inventory, console
from omi.inventory_commands import Output, write

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Non-standard characters (gaiji): the cities' registers, merged into one.",
)

Add = Annotated[
    list[Path] | None,
    typer.Option(
        "--add", metavar="CITY.csv", help="As if this city's register had joined.", show_default=False
    ),
]


@app.command(epilog="Examples: [bold]omi gaiji check[/bold], [bold]omi gaiji check --add otsu.csv[/bold]")
def check(
    inventory: Inventory = None,
    add: Add = None,
    json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Check the registers: mistakes, collisions, duplicates, and what a person has to answer.

    Exit status 0 if all is answered, 1 if there is a question (or a spelling that is not in the ledger yet),
    2 with every mistake as FILE:LINE:FIELD if a register is wrong. Nothing is changed.
    """
    merged = load(inventory, add or ())
    if json:
        typer.echo(json_text.dumps(figures(merged), ensure_ascii=False, indent=1))
    else:
        console().print(summary(merged))
        for question in merged.questions:
            typer.echo(str(question))
        if merged.added:
            typer.echo(
                f"{merged.added} characters have no spelling yet: `omi gaiji merge --write` gives them one"
            )
    raise typer.Exit(1 if merged.questions or merged.added else 0)


def figures(merged: Merged) -> dict[str, Any]:
    """The merge in figures, and its questions."""
    return {
        "registered": sum(len(register.entries) for register in merged.registers),
        "characters": len(merged.members),
        "shared": len(merged.shared),
        "collisions": [f"{code:04X}" for code in merged.collisions],
        "repeated": [[str(entry.place) for entry in entries] for entries in merged.repeated],
        "unrecorded": merged.added,
        "questions": [
            {"kind": question.kind, "one": str(question.one.place), "other": str(question.other.place)}
            for question in merged.questions
        ],
    }


def summary(merged: Merged) -> Table:
    """A line a city, and the whole below."""
    shown = Table(title="Registers of non-standard characters 外字台帳", title_justify="left")
    shown.add_column("city")
    for name in ("registered", "in Unicode", "of the cities' own", "twice", "shared"):
        shown.add_column(name, justify="right")
    shown.add_column("")
    shared = set(merged.shared)
    for register in merged.registers:
        texts = [merged.spellings[entry.place] for entry in register.entries]
        own = sum(is_private(text[0]) for text in texts)
        twice = sum(len(entries) - 1 for entries in merged.repeated if entries[0].place.city == register.city)
        common = sum(any(e.place.city == register.city for e in merged.members[name]) for name in shared)
        counts = (len(texts), len(texts) - own, own, twice, common)
        shown.add_row(register.city, *map(str, counts), "made up" if register.made_up else "")
    found = figures(merged)
    shown.caption = (
        f"{found['registered']} registered, {found['characters']} characters; {len(found['collisions'])} codes mean "
        f"different characters in different cities (each city's text is read by its own register); "
        f"{len(merged.questions)} questions for a person"
    )
    shown.caption_justify = "left"
    return shown


@app.command(
    epilog="Examples: [bold]omi gaiji merge -o table.json[/bold], [bold]omi gaiji merge --write[/bold]"
)
def merge(
    inventory: Inventory = None,
    add: Add = None,
    output: Output = None,
    keep: Annotated[
        bool, typer.Option("--write", help="Enter new spellings into the ledger, for good.")
    ] = False,
) -> None:
    """Merge the registers into the table that applications convert by.

    With questions open, nothing is written and the exit status is 1: a spelling is given for good.
    """
    if keep and add:
        raise typer.BadParameter("put the register into the folder first", param_hint="--add")
    merged = load(inventory, add or ())
    if merged.questions:
        for question in merged.questions:
            typer.echo(str(question), err=True)
        raise typer.Exit(1)
    if keep and merged.added:
        write((inventory or default_declaration()) / FOLDER / LEDGER, ledger.unparse(merged.ledger))
    if keep:
        typer.echo(f"{merged.added} spellings given", err=True)
    if output or not keep:
        write(output, table.unparse(table.table(merged)))


@app.command(
    epilog="Examples: [bold]omi gaiji render[/bold], [bold]omi gaiji render --city koka --png koka.png[/bold]"
)
def render(
    inventory: Inventory = None,
    add: Add = None,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Write there.")] = Path(
        "gaiji.html"
    ),
    png: Annotated[Path | None, typer.Option("--png", metavar="FILE", help="Also as a picture.")] = None,
    city: Annotated[
        list[str] | None, typer.Option("--city", help="Only what these cities registered.")
    ] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the words in it.")] = Language.JA,
) -> None:
    """Draw the proof sheet: one HTML file that needs no network and no font, for a person to look at."""
    from omi import proof_sheet

    merged = load(inventory, add or ())
    titles = {each.name: each.title.model_dump() for each in load_cloud(inventory).cities}
    known = [register.city for register in merged.registers]
    for name in city or ():
        if name not in known:
            raise typer.BadParameter(
                f"no register of {name!r}; there are: {', '.join(known)}", param_hint="--city"
            )
    write(output, proof_sheet.render(merged, titles, lang.value, set(city or known)))
    if png:
        proof_sheet.photograph(output, png)


class Direction(StrEnum):
    """Which way text is converted."""

    UNIFIED = "unified"
    CITY = "city"


@app.command(epilog="Example: [bold]omi gaiji convert konan --to unified < names.txt[/bold]")
def convert(
    city: Annotated[str, typer.Argument(help="Whose text it is.")],
    to: Annotated[Direction, typer.Option("--to", help="What it shall become.")],
    inventory: Inventory = None,
) -> None:
    """Convert UTF-8 text from standard input: a city's into unified text, or back. Nothing is lost either way."""
    content = table.table(load(inventory))
    if city not in content["cities"]:
        raise typer.BadParameter(f"there are: {', '.join(content['cities'])}", param_hint="CITY")
    converter = table.converter(content, city)
    try:
        text = sys.stdin.buffer.read().decode("utf-8")
        done = converter.to_unified(text) if to is Direction.UNIFIED else converter.to_city(text)
    except (UnicodeDecodeError, UnknownCharactersError) as error:
        typer.echo(f"standard input: {error}; check whose text it is", err=True)
        raise typer.Exit(2) from None
    sys.stdout.buffer.write(done.encode("utf-8"))
    sys.stdout.buffer.flush()


@app.command(epilog="Example: [bold]omi gaiji example --seed 7 -o /tmp/draft[/bold]")
def example(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="A declaration's folder.")],
    seed: Annotated[int, typer.Option("--seed", help="Another one makes other registers.")] = examples.SEED,
    inventory: Inventory = None,
) -> None:
    """Make up registers for the declared cities, with decisions and ledger: no city has published its own."""
    people = {city.name: round(city.population.value) for city in load_cloud(inventory).cities}
    known = default_reference()
    figures = examples.pool(default_declaration() / FOLDER / examples.POOL, known)
    made = examples.example(people, figures, known, seed, examples.Rates())
    for name, text in made.files.items():
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        write(output / name, text)


@app.command(epilog="Example: [bold]omi gaiji reference -o inventory/data/gaiji/mj.csv[/bold]")
def reference(output: Output = None) -> None:
    """Read from the font on this machine which MJ figures there are, and how Unicode spells them."""
    from omi import mj_font

    font = mj_font.opened()
    write(
        output, references.HEADING.format(mj_font.version(font)) + references.unparse(mj_font.spellings(font))
    )
