"""YAML text as plain data, with the place of every key and value.

The YAML allowed is the part people read: mappings, lists, text, numbers, true, false and dates. Anchors,
aliases, tags, merge keys and second documents are refused, so that a file cannot grow when it is loaded,
nothing is ever constructed from it, and what stands in it is what it says
(docs/decisions/0003-yaml-without-anchors.md).

The text is read once, event by event: no node of it is built before it is known to be allowed.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from inventory.characters import is_invisible, visible
from inventory.problem import Problem

DEPTH_CAP = 32

KeyPath = tuple[str | int, ...]
"""The way to a value: keys of mappings and positions in lists."""
Position = tuple[int, int]
"""Line and column, from 1."""

STANDARD_TAG = "tag:yaml.org,2002:"

NULL = re.compile(r"(~|null|Null|NULL)?")
BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

PLAIN: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (NULL, lambda _: None),
    (BOOLEAN, lambda text: text.lower() == "true"),
    (INTEGER, int),
    (DECIMAL, float),
    (DATE, datetime.date.fromisoformat),
)
"""What unquoted text may mean; one way to write each. Whatever else (0x1F, 1_000, 010, yes, .nan) is text,
and a model that wanted a number says so."""


@dataclass
class Reading:
    """What was made of a text, as far as it could be read."""

    data: Any = None
    complete: bool = False
    """Whether the text was YAML to its end; if not, ``data`` means nothing."""
    keys: dict[KeyPath, Position] = field(default_factory=dict)
    values: dict[KeyPath, Position] = field(default_factory=dict)
    faulty: set[KeyPath] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


class RefusedError(Exception):
    """The text cannot be read further."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def read(text: str, name: str) -> Reading:
    """Plain data with places from YAML ``text``, and all that is wrong with it as YAML."""
    result = Reading()
    try:
        _Reader(name, YAML(typ="safe", pure=True).parse(text), result).document()
        result.complete = True
    except RefusedError as refused:
        result.problems.append(refused.problem)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        result.problems.append(not_yaml(name, line, column, error.problem or "cannot be read"))
    except (YAMLError, ValueError, OverflowError):
        # The parser's own limits, such as an escape beyond the last character; it does not say where.
        result.problems.append(not_yaml(name, 1, 1, "it holds something that no YAML may"))
    return result


def not_yaml(name: str, line: int, column: int, what: str) -> Problem:
    """The problem of text that is not YAML at all."""
    return Problem(
        name,
        line,
        column,
        f"not YAML: {visible(what.strip())}",
        "check indentation, quotes and brackets here",
    )


class _Reader:
    """Takes events one by one and notes data, places and problems in ``out``."""

    def __init__(self, name: str, events: Iterator[Event], out: Reading) -> None:
        self.name = name
        self.events = events
        self.out = out

    def document(self) -> None:
        """Read the one document of the text."""
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                break
        else:
            raise RefusedError(
                Problem(self.name, 1, 1, "an empty file", "write the declaration, or delete it")
            )
        self.out.data = self.value(next(self.events), ())
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                self.complain(event, "a second YAML document", "one file holds one document")
                return

    def value(self, event: Event, path: KeyPath) -> Any:
        """The plain value that begins with ``event``; lists become tuples, what is refused becomes None."""
        self.out.values[path] = position(event)
        if len(path) > DEPTH_CAP:
            wrong = f"nested deeper than {DEPTH_CAP} levels"
            raise RefusedError(Problem(self.name, *position(event), wrong, "no declaration needs that"))
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, AliasEvent):
            return self.refuse(event, path, f"alias *{anchor}", "write the value out")
        if anchor is not None:
            self.complain(event, f"anchor &{anchor}", "delete it; values are written out where they belong")
        if tag is not None:
            self.refuse(
                event,
                path,
                f"tag {str(tag).replace(STANDARD_TAG, '!!')}",
                "delete it; text, numbers, true, false and dates need none",
            )
        if isinstance(event, MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, ScalarEvent):
            return self.scalar(event, path)
        return tuple(self.items(path))

    def items(self, path: KeyPath) -> Iterator[Any]:
        """The values of a list, up to its end."""
        for index, event in enumerate(self.events):
            if isinstance(event, SequenceEndEvent):
                return
            yield self.value(event, (*path, index))

    def mapping(self, path: KeyPath) -> dict[str, Any]:
        """A mapping; of a key written twice the first stands and the second is a problem."""
        result: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            key = self.key(event, path)
            if key is None or key in result:
                if key is not None:
                    first = self.out.keys[*path, key][0]
                    right = f"it stands in line {first} already; delete one"
                    self.complain(event, f"duplicate key {key!r}", right)
                self.aside(next(self.events), path)
                continue
            self.out.keys[*path, key] = position(event)
            result[key] = self.value(next(self.events), (*path, key))
            if result[key] is None:
                # Nothing was written: the parser sees it where the next thing begins, a person at the key.
                self.out.values[*path, key] = self.out.keys[*path, key]
        return result

    def key(self, event: Event, path: KeyPath) -> str | None:
        """A mapping's key; None if it cannot be one, which is then reported."""
        if not isinstance(event, ScalarEvent):
            if not isinstance(event, AliasEvent):
                self.complain(event, "a key that is not text", "use a plain word")
            self.aside(event, path)
            return None
        if event.value == "<<":
            self.complain(event, "merge key <<", "write the keys out")
            return None
        key = self.aside(event, path)
        return None if key is None else str(event.value)

    def aside(self, event: Event, path: KeyPath) -> Any:
        """Read what begins with ``event`` for its problems only: it is no part of the data."""
        scratch, place = Reading(problems=self.out.problems), (*path, "aside")
        value = _Reader(self.name, self.events, scratch).value(event, place)
        return None if place in scratch.faulty else value

    def scalar(self, event: ScalarEvent, path: KeyPath) -> Any:
        """Text, or what unquoted text means."""
        text = str(event.value)
        for character in text:
            if character != "\n" and is_invisible(character):
                wrong = f"escaped control character U+{ord(character):04X}"
                return self.refuse(event, path, wrong, "write only what can be read")
        if event.implicit[0]:
            for pattern, convert in PLAIN:
                if pattern.fullmatch(text):
                    return converted(text, convert)
        return text

    def refuse(self, event: Event, path: KeyPath, wrong: str, right: str) -> None:
        """Note a problem that leaves nothing of the value at ``path``."""
        self.out.faulty.add(path)
        self.complain(event, wrong, right)

    def complain(self, event: Event, wrong: str, right: str) -> None:
        """Note a problem at ``event``."""
        self.out.problems.append(Problem(self.name, *position(event), visible(wrong), right))


def converted(text: str, convert: Callable[[str], Any]) -> Any:
    """``text`` converted, or as it is where that cannot be (31 April): the model says what it wanted."""
    try:
        return convert(text)
    except ValueError:
        return text


def position(event: Event) -> Position:
    """Line and column of an event, from 1."""
    return event.start_mark.line + 1, event.start_mark.column + 1
