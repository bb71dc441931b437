"""Files to a checked Cloud, or every mistake at once.

read      YAML as plain data with the place of everything     (inventory.document)
validate  each file against its model                          (inventory.model)
rules     what must hold between things                        (inventory.rules)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from inventory import document, rules, validate
from inventory.document import Document
from inventory.model import City, Cloud, CloudFile
from inventory.problem import InvalidDeclarationError, Problem
from inventory.quantity import Frozen

Model = TypeVar("Model", bound=Frozen)


def default_declaration() -> Path:
    """The folder of the declaration that comes with this repository."""
    return Path(__file__).parent / "data"


def load(folder: Path | None = None, add: Sequence[str] = ()) -> Cloud:
    """The cloud declared in ``folder`` (``cloud.yaml`` and ``cities/``), plus the candidates named in ``add``.

    Raises InvalidDeclarationError with every problem found; nothing is changed anywhere.
    """
    folder = folder or default_declaration()
    problems: list[Problem] = []
    cloud = read_model(folder / "cloud.yaml", "cloud.yaml", CloudFile, problems)
    paths, found = city_files(folder, add)
    problems += found
    cities = [(path, read_model(path, relative(path, folder), City, problems)) for path in paths]
    declared = [rules.Declared(path.stem, *pair) for path, pair in cities if pair is not None]
    problems += rules.check(cloud, declared)
    if problems or cloud is None:
        raise InvalidDeclarationError(problems)
    return Cloud(
        file=cloud[1], cities=tuple(sorted((city.model for city in declared), key=lambda c: c.number))
    )


def read_model(
    path: Path, name: str, model: type[Model], problems: list[Problem]
) -> tuple[Document, Model] | None:
    """The file's document and model; None, with ``problems`` extended, where there is none."""
    text, found = document.read(path, name)
    problems += found
    if text is None:
        return None
    instance, found = validate.validate(text, model)
    problems += found
    return None if instance is None else (text, instance)


def city_files(folder: Path, add: Sequence[str]) -> tuple[list[Path], list[Problem]]:
    """The files of ``cities/`` and of the candidates to add, and what is wrong with the folder itself."""
    cities = folder / "cities"
    if not cities.is_dir():
        return [], [Problem("cities", 1, 1, "no such folder", "put one YAML file a city there")]
    problems = [
        Problem(f"cities/{path.name}", 1, 1, "not a city's file", "name it <city>.yaml or move it away")
        for path in sorted(cities.iterdir())
        if path.suffix != ".yaml" and not path.name.startswith(".")
    ]
    paths = sorted(cities.glob("*.yaml"))
    if not paths:
        problems.append(Problem("cities", 1, 1, "no city", "put one YAML file a city there"))
    for name in add:
        candidate = folder / "candidates" / f"{name}.yaml"
        if candidate.is_file():
            paths.append(candidate)
        else:
            known = ", ".join(sorted(path.stem for path in candidate.parent.glob("*.yaml"))) or "none"
            problems.append(
                Problem(f"candidates/{name}.yaml", 1, 1, "no such candidate", f"there are: {known}")
            )
    return paths, problems


def relative(path: Path, folder: Path) -> str:
    """``path`` as messages show it."""
    return path.relative_to(folder).as_posix()
