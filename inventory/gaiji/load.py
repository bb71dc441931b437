"""Files to the merged registers, or every mistake at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from inventory.characters import visible
from inventory.gaiji import decisions, ledger, reference, register, rows
from inventory.gaiji.merge import Merged, merge
from inventory.gaiji.model import Register
from inventory.gaiji.reference import Reference
from inventory.load import default_declaration, listing
from inventory.problem import InvalidDeclarationError, Problem

FOLDER = "gaiji"
"""Inside the declaration's folder."""
REGISTERS = "registers"
DECISIONS = "decisions.csv"
LEDGER = "unified.csv"

MADE_UP = "# MADE UP"
"""How a register begins that no city has."""

REGISTER_FILE = re.compile(r"[a-z][a-z0-9]{1,15}\.csv")


def default_reference() -> Reference:
    """The MJ figures that come with this repository."""
    return reference.read(Path(__file__).parent.parent / "data" / FOLDER / reference.FILE)


def load(declaration: Path | None = None, add: Sequence[Path] = ()) -> Merged:
    """The registers in ``declaration``'s folder and in the files to ``add``, merged.

    Raises InvalidDeclarationError with every problem found; nothing is changed anywhere.
    """
    folder = (declaration or default_declaration()) / FOLDER
    paths, problems = register_files(folder / REGISTERS, add)
    figures = default_reference()
    registers: list[Register] = []
    for path in paths:
        one, wrong = read_register(path, figures)
        registers.append(one)
        problems += wrong
    decided, wrong = decisions.decisions(optional(folder / DECISIONS, decisions.COLUMNS, problems))
    problems += wrong
    given, wrong = ledger.ledger(optional(folder / LEDGER, ledger.COLUMNS, problems))
    problems += wrong
    merged, wrong = merge(registers, decided, given, figures, complete=not problems)
    problems += wrong
    if problems:
        raise InvalidDeclarationError(problems)
    return merged


def read_register(path: Path, figures: Reference) -> tuple[Register, list[Problem]]:
    """The register in ``path`` and all that is wrong with it."""
    name = visible(str(path))
    text, problems = rows.read_text(path, name)
    if text is None:
        return Register(path.stem, ()), problems
    found, problems = rows.parse(text, name, register.COLUMNS)
    one, wrong = register.register(path.stem, found, figures)
    return replace(one, made_up=text.startswith(MADE_UP)), problems + wrong


def settled(merged: Merged, declaration: Path | None = None) -> Merged:
    """``merged``, if every spelling in it stands in the ledger: hosts get no other.

    Raises InvalidDeclarationError.
    """
    if merged.added:
        where = visible(str((declaration or default_declaration()) / FOLDER / LEDGER))
        wrong = f"{merged.added} registered characters have no spelling yet"
        raise InvalidDeclarationError([Problem(where, 1, 1, wrong, "run `omi gaiji merge --write`")])
    return merged


def optional(path: Path, columns: Sequence[str], problems: list[Problem]) -> list[rows.Row]:
    """The rows of a file that need not be there; what is wrong with it is added to ``problems``."""
    if not path.exists():
        return []
    found, wrong = rows.read(path, columns)
    problems += wrong
    return found


def register_files(folder: Path, add: Sequence[Path]) -> tuple[list[Path], list[Problem]]:
    """The registers' files, one a city, and what is wrong with the folder or the names.

    A declaration without a folder for them has no registers.
    """
    names, problems = listing(folder, "put one CSV file a city there") if folder.parent.exists() else ([], [])
    paths = [folder / name for name in names or () if not name.startswith(".")] + list(add)
    chosen: dict[str, Path] = {}
    for path in paths:
        where = visible(str(path))
        if not REGISTER_FILE.fullmatch(path.name):
            problems.append(Problem(where, 1, 1, "not a city's register", "name it <city>.csv"))
        elif path.stem in chosen:
            wrong = f"{path.stem} has a register in {visible(str(chosen[path.stem]))} already"
            problems.append(Problem(where, 1, 1, wrong, "keep one of them"))
        else:
            chosen[path.stem] = path
    return list(chosen.values()), problems
