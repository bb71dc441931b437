"""Rules for cities: each by itself, and no two alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from inventory.model import City, CloudFile
from inventory.problem import Problem
from inventory.quantity import FaultyFieldError
from inventory.rules.declared import Declared, edge_names, one_of
from inventory.rules.hosts import hosts_fit

RESERVED_NAMES = ("bc", "dc", "default")
"""The centers' names, and the Incus project that is always there."""


def city_rules(city: Declared[City], file: CloudFile) -> Iterator[Iterator[Problem]]:
    """The rules for one city."""
    yield named_like_its_file(city)
    yield as_many_lines_as_the_rules_say(city, file)
    yield lines_land_on_edges(city, file)
    yield lines_land_apart(city)
    yield services_exist(city, file)
    yield terminals_fit(city, file)


def unique(cities: list[Declared[City]], field: str) -> Iterator[Problem]:
    """No two cities share their number or name."""
    first: dict[object, Declared[City]] = {}
    for city in cities:
        with suppress(FaultyFieldError):
            value = getattr(city.model, field)
            other = first.setdefault(value, city)
            if other is not city:
                wrong = f"{field} {value} is {other.document.file}'s already"
                yield city.document.problem((field,), wrong, f"give each city a {field} of its own")


def named_like_its_file(city: Declared[City]) -> Iterator[Problem]:
    """A city stands in the file of its name, and leaves the centers' names to them."""
    name = city.model.name
    if name != city.stem:
        wrong = f"city {name!r} in a file called {city.stem}.yaml"
        yield city.document.problem(("name",), wrong, f"rename the file to {name}.yaml, or the city")
    if name in RESERVED_NAMES:
        yield city.document.problem(("name",), f"name {name!r} is taken", "choose another name")


def as_many_lines_as_the_rules_say(city: Declared[City], file: CloudFile) -> Iterator[Problem]:
    """A city has ``lines_per_city`` lines."""
    given, wanted = len(city.model.lines), file.lines_per_city
    if given != wanted:
        right = f"give {wanted}, as lines_per_city in cloud.yaml says"
        yield city.document.problem(("lines",), f"{given} line(s)", right)


def lines_land_on_edges(city: Declared[City], file: CloudFile) -> Iterator[Problem]:
    """Each line's other end is an edge router of the data center."""
    edges = edge_names(file)
    for index, line in enumerate(city.model.lines):
        with suppress(FaultyFieldError):
            if line.lands_on not in edges:
                wrong = f"{line.lands_on!r} does not exist"
                yield city.document.problem(("lines", index, "lands_on"), wrong, one_of(edges))


def lines_land_apart(city: Declared[City]) -> Iterator[Problem]:
    """Each line lands on an edge router of its own."""
    landed: set[str] = set()
    for index, line in enumerate(city.model.lines):
        with suppress(FaultyFieldError):
            if line.lands_on in landed:
                wrong = f"two lines land on {line.lands_on}"
                right = "land each on another edge, so that no one dead edge takes both"
                yield city.document.problem(("lines", index, "lands_on"), wrong, right)
            landed.add(line.lands_on)


def services_exist(city: Declared[City], file: CloudFile) -> Iterator[Problem]:
    """A city is entitled only to services that exist, to each once."""
    known = [service.name for service in file.services]
    for index, name in enumerate(city.model.services):
        if name in city.model.services[:index]:
            wrong = f"service {name!r} is there twice"
            yield city.document.problem(("services", index), wrong, "name it once")
        elif name not in known:
            wrong = f"service {name!r} does not exist"
            yield city.document.problem(("services", index), wrong, one_of(known))


def terminals_fit(city: Declared[City], file: CloudFile) -> Iterator[Problem]:
    """The city hall's hosts are possible."""
    yield from hosts_fit(city.document, ("hosts",), city.model.hosts, file)
