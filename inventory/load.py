"""Files to a checked Cloud, or every mistake at once.

read      text, then plain data with the place of everything   (inventory.document, inventory.yaml_reader)
validate  each file against its model                           (inventory.validate, inventory.model)
rules     what must hold between things                         (inventory.rules)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from inventory import document, rules, shape
from inventory.characters import visible
from inventory.document import Document
from inventory.model import MOST_CITIES, City, Cloud, CloudFile
from inventory.problem import InvalidDeclarationError, Problem
from inventory.quantity import Frozen
from inventory.rules import Declared
from inventory.rules.declared import one_of
from inventory.validate import validate

Model = TypeVar("Model", bound=Frozen)

CITY_FILE = re.compile(r"[a-z][a-z0-9]{1,15}\.yaml")


def default_declaration() -> Path:
    """The folder of the declaration that comes with this repository, as one would type it from here."""
    folder = Path(__file__).parent / "data"
    with suppress(OSError, ValueError):  # no current folder any more, or another one
        return folder.relative_to(Path.cwd())
    return folder


def load(folder: Path | None = None, add: Sequence[str] = ()) -> Cloud:
    """The cloud declared in ``folder`` (``cloud.yaml`` and ``cities/``), plus the candidates in ``add``.

    Raises InvalidDeclarationError with every problem found; nothing is changed anywhere. Files are named
    in it as one would type them: after ``folder`` as it was given.
    """
    folder = default_declaration() if folder is None else folder
    names, problems = listing(folder, "give a folder with cloud.yaml and cities/ in it")
    if names is None:
        raise InvalidDeclarationError(problems)
    paths, found = city_files(folder, add)
    problems += found
    cloud, found = declared(folder / "cloud.yaml", CloudFile)
    problems += found
    cities: list[Declared[City]] = []
    for path in paths:
        city, found = declared(path, City)
        cities.append(city)
        problems += found
    problems += rules.check(cloud, cities)
    if problems:
        raise InvalidDeclarationError(problems)
    in_order = sorted((city.model for city in cities), key=lambda city: city.number)
    return Cloud(file=cloud.model, cities=tuple(in_order))


def declared(path: Path, model: type[Model]) -> tuple[Declared[Model], list[Problem]]:
    """What ``path`` declares, and all that is wrong with it; a file that cannot be read declares nothing."""
    name = visible(str(path))
    found, problems = document.read(path, name)
    if found is None:
        nothing = Document(name, data=None, faulty=frozenset({()}))
        return Declared(path.stem, nothing, shape.sound(model, None, nothing.faulty)), problems
    instance, wrong = validate(found, model)
    return Declared(path.stem, found, instance), problems + wrong


def city_files(folder: Path, add: Sequence[str]) -> tuple[list[Path], list[Problem]]:
    """The files of ``cities/`` and of the candidates to add, and what is wrong with the folder itself."""
    cities = folder / "cities"
    names, problems = listing(cities, "put one YAML file a city there")
    paths = [cities / name for name in names or () if CITY_FILE.fullmatch(name)]
    for name in names or ():
        if not CITY_FILE.fullmatch(name) and not name.startswith("."):
            where, right = visible(str(cities / name)), "name it <city>.yaml or move it away"
            problems.append(Problem(where, 1, 1, "not a city's file", right))
    if names is not None and not paths:
        problems.append(Problem(visible(str(cities)), 1, 1, "no city", "put one YAML file a city there"))
    if len(paths) > MOST_CITIES:
        wrong = f"{len(paths)} cities, but numbers only for {MOST_CITIES}"
        problems.append(Problem(visible(str(cities)), 1, 1, wrong, "declare fewer cities"))
    candidates, found = candidate_files(folder / "candidates", add)
    return paths[:MOST_CITIES] + candidates, problems + found


def candidate_files(folder: Path, add: Sequence[str]) -> tuple[list[Path], list[Problem]]:
    """The files of the candidates to add, each once, and those that do not exist."""
    if not add:
        return [], []
    names, problems = listing(folder, "put one YAML file a candidate there")
    known = {name.removesuffix(".yaml"): folder / name for name in names or () if CITY_FILE.fullmatch(name)}
    wanted = list(dict.fromkeys(add))
    if names is not None:
        problems += [
            Problem(visible(str(folder)), 1, 1, f"no candidate {visible(name)!r}", one_of(known))
            for name in wanted
            if name not in known
        ]
    return [known[name] for name in wanted if name in known], problems


def listing(folder: Path, right: str) -> tuple[list[str] | None, list[Problem]]:
    """The names in ``folder``, sorted; None where it cannot be read, and why."""
    try:
        return sorted(path.name for path in folder.iterdir()), []
    except OSError as error:
        wrong = f"not a folder that can be read ({error.strerror})"
        return None, [Problem(visible(str(folder)), 1, 1, wrong, right)]
