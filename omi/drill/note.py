"""The note that says which fault is in effect. Written before the fault, removed once all is well again.

A drill may be interrupted or killed at any moment; whoever comes next finds the note and puts things right. It lies
with the lab, not in a checkout, because the fault does.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from inventory.quantity import Frozen
from lab.errors import LabError
from lab.files import write_atomically
from lab.paths import LabPaths

Facts = dict[str, str | list[str]]
"""What a drill has chosen to break, and all that its repair has to know."""


class Note(Frozen):
    """One fault."""

    drill: str
    facts: Facts
    since: str
    """ISO 8601."""


def place(paths: LabPaths) -> Path:
    """The note's file."""
    return paths.run / "drill.json"


def read(paths: LabPaths) -> Note | None:
    """The fault that is in effect; None if there is none. Raises LabError for a note that cannot be read."""
    file = place(paths)
    try:
        return Note.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise LabError(
            f"{file} cannot be read: {error}", "see what is broken, mend it, and remove the file"
        ) from None


def write(paths: LabPaths, note: Note) -> None:
    """Say that the fault is in effect, on disk, before it is."""
    write_atomically(place(paths), note.model_dump_json(indent=1) + "\n")


def remove(paths: LabPaths) -> None:
    """Say that all is well again."""
    place(paths).unlink(missing_ok=True)
