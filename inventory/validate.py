"""A document against its model, with pydantic's findings put into words a person can act on."""

from __future__ import annotations

import difflib
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from inventory import shape
from inventory.document import Document
from inventory.problem import Problem
from inventory.quantity import Frozen
from inventory.yaml_reader import KeyPath

Model = TypeVar("Model", bound=Frozen)

QUOTED = 60
"""Characters of a value, or names of a list, that a message has room for."""


def validate(document: Document, model: type[Model]) -> tuple[Model, list[Problem]]:
    """The model in ``document`` and all that is wrong with it.

    Where something is wrong the model lacks just that, so that the rules can still look at the rest:
    reading a field that is missing raises :class:`~inventory.quantity.FaultyFieldError`.
    """
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    problems = [explain(document, model, detail) for detail in details if not reported(document, detail)]
    faulty = document.faulty | {tuple(detail["loc"]) for detail in details}
    return shape.sound(model, document.data, faulty), problems


def reported(document: Document, detail: ErrorDetails) -> bool:
    """Whether a finding only follows from a fault of the YAML itself."""
    path = tuple(detail["loc"])
    return any(path[:length] in document.faulty for length in range(len(path) + 1))


def explain(document: Document, model: type[Frozen], detail: ErrorDetails) -> Problem:
    """One pydantic finding as a Problem."""
    path: KeyPath = tuple(detail["loc"])
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return unknown_key(document, path, list(shape.fields_at(model, path[:-1])))
    if kind == "missing":
        return document.problem(path[:-1], f"{path[-1]!r} is missing", f"add {path[-1]}: ...")
    if kind == "value_error":
        wrong, _, right = str(context["error"]).partition("; ")
        return document.problem(path, f"{named(path)}{wrong}", right)
    wrong = f"{named(path)}{shown(detail['input'])} is not allowed"
    return document.problem(path, wrong, wanted(kind, context, detail["msg"]))


def unknown_key(document: Document, path: KeyPath, known: list[str]) -> Problem:
    """A key that the model does not have, with the one that was probably meant."""
    name = str(path[-1])
    close = difflib.get_close_matches(name[:QUOTED], known, n=1)
    right = f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}"
    return document.problem(path, f"unknown key {shown(name)}", right, at_key=True)


def named(path: KeyPath) -> str:
    """How a message about the value at ``path`` begins: `rate: `, `item 2 of ports: `, nothing for a file."""
    items = ""
    while path and isinstance(path[-1], int):
        items += f"item {path[-1] + 1} of "
        path = path[:-1]
    return f"{items}{path[-1]}: " if path else ""


def shown(value: Any) -> str:
    """A value as a message quotes it: short, on one line."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, tuple):
        return f"a list of {len(value)}"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 3]}..."


TYPES = {
    "int_type": "write a whole number",
    "float_type": "write a number",
    "string_type": "write text, in quotes if it looks like a number",
    "bool_type": "write true or false",
    "date_type": "write a date, such as 2016-10-01",
    "tuple_type": "write a list",
    "model_type": "write a mapping (key: value)",
    "dict_type": "write a mapping (key: value)",
    "finite_number": "write a finite number",
}

LIMITS = {
    "greater_than_equal": "write {ge} or more",
    "greater_than": "write more than {gt}",
    "less_than_equal": "write {le} or less",
    "less_than": "write less than {lt}",
    "string_too_short": "write at least {min_length} character(s)",
    "string_too_long": "write at most {max_length} characters",
    "too_short": "give at least {min_length}",
    "too_long": "give at most {max_length}",
    "string_pattern_mismatch": "it must match {pattern}",
    "literal_error": "write {expected}",
}


def wanted(kind: str, context: dict[str, Any], message: str) -> str:
    """What would be right, for a finding of ``kind``."""
    if kind in TYPES:
        return TYPES[kind]
    if kind in LIMITS:
        whole = {name: int(limit) for name, limit in context.items() if isinstance(limit, float)}
        return LIMITS[kind].format(**context | whole)
    return message
