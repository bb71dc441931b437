"""A YAML file as plain data plus the place of every key and value. Nothing in it is trusted, nothing in it runs.

The YAML allowed here is the part people read: no anchors, aliases, tags or second documents. So a file cannot
grow when it is loaded, and what stands in it is what it says.
"""

from __future__ import annotations

import datetime
import stat
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from inventory.problem import Problem

SIZE_CAP = 256 * 1024
"""Bytes. The whole of cloud.yaml is a twentieth of it."""
DEPTH_CAP = 32

Path_ = tuple[str | int, ...]
Position = tuple[int, int]


@dataclass(frozen=True)
class Document:
    """A file's data and, for each path in it, the line and column (from 1) of the key and of the value."""

    file: str
    data: Any
    keys: dict[Path_, Position] = field(default_factory=dict)
    values: dict[Path_, Position] = field(default_factory=dict)

    def problem(self, path: Path_, wrong: str, right: str, *, at_key: bool = False) -> Problem:
        """A problem at ``path``, or at the nearest thing around it that is in the file."""
        places = self.keys if at_key else self.values
        while path and path not in places:
            path = path[:-1]
        line, column = places.get(path, self.values.get(path, (1, 1)))
        return Problem(self.file, line, column, wrong, right)


def read(path: Path, name: str) -> tuple[Document | None, list[Problem]]:
    """The document in ``path`` (called ``name`` in messages) and all that is wrong with its form.

    The document is None where nothing could be made of it.
    """
    text, problems = read_text(path, name)
    if text is None:
        return None, problems
    return parse(text, name)


def read_text(path: Path, name: str) -> tuple[str | None, list[Problem]]:
    """The file's text, or what keeps it from being read."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return None, [Problem(name, 1, 1, "not a regular file", "put a YAML file there")]
        if status.st_size > SIZE_CAP:
            wrong = f"{status.st_size:,} bytes, more than the {SIZE_CAP:,} a declaration may have"
            return None, [Problem(name, 1, 1, wrong, "split it, or check that it is the file you meant")]
        raw = path.read_bytes()
    except OSError as error:
        return None, [Problem(name, 1, 1, f"cannot be read ({error.strerror})", "make it readable")]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        wrong = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        return None, [Problem(name, line, column, wrong, "save the file as UTF-8")]
    found = control_characters(text, name)
    return (None, found) if found else (text, [])


def control_characters(text: str, name: str) -> list[Problem]:
    """Characters that a person does not see: controls, and formats that reorder what is read."""
    return [
        Problem(name, number, column, f"control character U+{ord(character):04X}", "delete it")
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1)
        for column, character in enumerate(line, start=1)
        if character != "\t" and unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp")
    ]


def parse(text: str, name: str) -> tuple[Document | None, list[Problem]]:
    """Plain data with places, from YAML ``text``."""
    try:
        forbidden = anchors_and_aliases(text, name)
        if forbidden:
            return None, forbidden
        nodes = list(YAML(typ="safe", pure=True).compose_all(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        wrong = f"not YAML: {(error.problem or 'cannot be read').strip()}"
        return None, [Problem(name, line, column, wrong, "check indentation, quotes and brackets here")]
    except RecursionError:
        return None, [too_deep(name, 1, 1)]
    if len(nodes) != 1:
        return None, [Problem(name, 1, 1, f"{len(nodes)} YAML documents", "one file holds one document")]
    reader = _Reader(name)
    data = reader.value(nodes[0], ())
    return Document(name, data, reader.keys, reader.values), reader.problems


def anchors_and_aliases(text: str, name: str) -> list[Problem]:
    """Where the text uses anchors, aliases or is nested deeper than anybody writes."""
    problems = []
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        kind = type(event).__name__
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        depth += kind in ("MappingStartEvent", "SequenceStartEvent")
        depth -= kind in ("MappingEndEvent", "SequenceEndEvent")
        if depth > DEPTH_CAP:
            return [*problems, too_deep(name, line, column)]
        if getattr(event, "anchor", None) is not None:
            what = "alias *" if kind == "AliasEvent" else "anchor &"
            problems.append(Problem(name, line, column, f"{what}{event.anchor}", "write the value out"))
    return problems


def too_deep(name: str, line: int, column: int) -> Problem:
    """The problem of nesting beyond :data:`DEPTH_CAP`."""
    return Problem(name, line, column, f"nested deeper than {DEPTH_CAP} levels", "no declaration needs that")


class _Reader:
    """Turns nodes into plain data, noting places and what is wrong on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.keys: dict[Path_, Position] = {}
        self.values: dict[Path_, Position] = {}
        self.problems: list[Problem] = []

    def value(self, node: Node, path: Path_) -> Any:
        """The plain value of ``node``; lists become tuples."""
        self.values[path] = position(node)
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return tuple(self.value(child, (*path, index)) for index, child in enumerate(node.value))
        return self.scalar(node)

    def mapping(self, node: MappingNode, path: Path_) -> dict[str, Any]:
        """A mapping; of a key written twice the first stands and the second is a problem."""
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self.complain(key_node, "a key that is not text", "use a plain word")
                continue
            key = str(key_node.value)
            if key in result:
                line = self.keys[*path, key][0]
                self.complain(
                    key_node, f"duplicate key {key!r}", f"it stands in line {line} already; delete one"
                )
                continue
            self.keys[*path, key] = position(key_node)
            result[key] = self.value(value_node, (*path, key))
        return result

    def scalar(self, node: ScalarNode) -> Any:
        """A scalar of YAML's core types. An unknown tag is a problem, and nothing is ever constructed from it."""
        convert = SCALARS.get(str(node.tag))
        if convert is None:
            self.complain(node, f"tag {node.tag}", "use plain text, numbers, true or false, and dates")
            return None
        try:
            return convert(str(node.value))
        except ValueError:
            # Left as text: the model then says what it wanted here.
            return str(node.value)

    def complain(self, node: Node, wrong: str, right: str) -> None:
        """Note a problem at ``node``."""
        self.problems.append(Problem(self.name, *position(node), wrong, right))


def position(node: Node) -> Position:
    """Line and column of a node, from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1


SCALARS = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:int": lambda text: int(text.replace("_", ""), 10),
    "tag:yaml.org,2002:float": lambda text: float(text.replace("_", "")),
    "tag:yaml.org,2002:bool": lambda text: text.lower() == "true",
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:timestamp": datetime.date.fromisoformat,
}
