"""What must hold between the parts of a scenario. Pure: plain data in, every breach out.

The data may still be faulty in itself: what has not the right type is passed over here and reported by the
model, so that a person sees all mistakes at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Set
from typing import Any, NamedTuple

Place = tuple[str | int, ...]


class Fault(NamedTuple):
    """One mistake: the place in the data, what is wrong there, and what would be right."""

    place: Place
    wrong: str
    right: str


class InvalidScenarioError(ValueError):
    """Raised with ``problems``, every one ``file: place: what is wrong; what would be right``."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def messages(name: str, faults: list[Fault]) -> list[str]:
    """Faults as lines."""
    return [f"{name}: {pointer(fault.place)}: {fault.wrong}; {fault.right}" for fault in faults]


def pointer(place: Place) -> str:
    """A place as a JSON path: ``$.flows[3].path[0]``."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)


def check(data: Any) -> list[Fault]:
    """Every breach in the data of a scenario."""
    known = {link["id"] for _, link in parts(data, "links") if isinstance(link.get("id"), str)}
    return [
        *identifiers(data, "links"),
        *identifiers(data, "flows"),
        *(fault for i, flow in parts(data, "flows") for fault in paths(i, flow, known)),
        *changes(data, known),
    ]


def elements(value: Any) -> Iterator[tuple[int, Any]]:
    """What is in a list, with its places; nothing if it is no list."""
    return enumerate(value if isinstance(value, list | tuple) else ())


def parts(data: Any, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of one of the scenario's lists, with their places."""
    given = data.get(name) if isinstance(data, Mapping) else None
    return ((i, part) for i, part in elements(given) if isinstance(part, Mapping))


def identifiers(data: Any, name: str) -> Iterator[Fault]:
    """Identifiers that cannot be printed or are taken."""
    first: dict[str, int] = {}
    for i, part in parts(data, name):
        given = part.get("id")
        if not isinstance(given, str):
            continue
        if not given.isprintable():
            yield Fault(
                (name, i, "id"), f"{quoted(given)} has characters that cannot be printed", "remove them"
            )
        if first.setdefault(given, i) != i:
            wrong = f"{quoted(given)} is the id of {name}[{first[given]}] already"
            yield Fault((name, i, "id"), wrong, "give it an id of its own")


def paths(i: int, flow: Mapping[str, Any], known: Set[str]) -> Iterator[Fault]:
    """Paths of flow ``i`` over links that do not exist, or over one link twice."""
    yield from path(("flows", i, "path"), flow.get("path"), known)
    for k, alternative in elements(flow.get("alternatives")):
        yield from path(("flows", i, "alternatives", k), alternative, known)


def path(place: Place, links: Any, known: Set[str]) -> Iterator[Fault]:
    """What is wrong with one path."""
    crossed: set[str] = set()
    for k, name in elements(links):
        if not isinstance(name, str):
            continue
        if name not in known:
            yield unknown((*place, k), name, known)
        elif name in crossed:
            yield Fault((*place, k), f"the path crosses link {quoted(name)} twice", "let it cross it once")
        crossed.add(name)


def changes(data: Any, known: Set[str]) -> Iterator[Fault]:
    """Changes of links that do not exist, and two changes of one link at one time."""
    first: dict[tuple[Any, str], int] = {}
    for i, change in parts(data, "changes"):
        link, at = change.get("link"), change.get("at_s")
        if not isinstance(link, str):
            continue
        if link not in known:
            yield unknown(("changes", i, "link"), link, known)
        if isinstance(at, int | float) and first.setdefault((at, link), i) != i:
            wrong = f"link {quoted(link)} changes at {at:g} s in changes[{first[at, link]}] already"
            yield Fault(("changes", i), wrong, "keep one of the two")


def unknown(place: Place, name: str, known: Set[str]) -> Fault:
    """A link that does not exist, with those that do if they are few."""
    few = 0 < len(known) <= 8
    right = (
        f"the links are {', '.join(map(quoted, sorted(known)))}" if few else "use the id of one of the links"
    )
    return Fault(place, f"there is no link {quoted(name)}", right)


def quoted(name: str) -> str:
    """A name as a message shows it: in quotes, on one line, in ASCII, not too long."""
    text = json.dumps(name)
    return text if len(text) <= 60 else f'{text[:56]}..."'
