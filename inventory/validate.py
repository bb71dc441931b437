"""A document against its model, with pydantic's findings put into words a person can act on."""

from __future__ import annotations

import difflib
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from inventory.document import Document, Path_
from inventory.problem import Problem
from inventory.quantity import Frozen

Model = TypeVar("Model", bound=Frozen)


def validate(document: Document, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """The model in ``document`` and all that is wrong with it.

    Keys that do not belong are reported and then left out, so that the rules can still look at the rest.
    """
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    problems = [explain(document, model, detail) for detail in details]
    extra = [tuple(detail["loc"]) for detail in details if detail["type"] == "extra_forbidden"]
    if len(extra) < len(details):
        return None, problems
    return model.model_validate(without(document.data, set(extra))), problems


def without(data: Any, paths: set[Path_], here: Path_ = ()) -> Any:
    """``data`` less what stands at ``paths``."""
    if isinstance(data, dict):
        return {k: without(v, paths, (*here, k)) for k, v in data.items() if (*here, k) not in paths}
    if isinstance(data, tuple):
        return tuple(without(v, paths, (*here, index)) for index, v in enumerate(data))
    return data


def explain(document: Document, model: type[Frozen], detail: ErrorDetails) -> Problem:
    """One pydantic finding as a Problem."""
    path: Path_ = tuple(detail["loc"])
    kind, context = detail["type"], detail.get("ctx", {})
    name = str(path[-1]) if path else document.file
    if kind == "extra_forbidden":
        known = keys_beside(model, path)
        close = difflib.get_close_matches(name, known, n=1)
        right = f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(known)}"
        return document.problem(path, f"unknown key {name!r}", right, at_key=True)
    if kind == "missing":
        return document.problem(path[:-1], f"{name!r} is missing", f"add {name}: ...")
    given = shown(detail["input"])
    return document.problem(path, f"{name}: {given} is not allowed", wanted(kind, context, detail["msg"]))


def shown(value: Any) -> str:
    """A value as a message quotes it: short, on one line."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, tuple):
        return f"a list of {len(value)}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


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
    "date_from_datetime_inexact": "write a date without a time",
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
        return LIMITS[kind].format(**context)
    return message.removeprefix("Value error, ")


def keys_beside(model: type[Frozen], path: Path_) -> list[str]:
    """The keys that could stand where ``path`` ends."""
    current: Any = model
    for part in path[:-1]:
        current = inside(current, part)
    return list(getattr(current, "model_fields", {}))


def inside(annotation: Any, part: str | int) -> Any:
    """What ``part`` leads to within ``annotation``: a field's type, or a list's element type."""
    if isinstance(part, str):
        annotation = annotation.model_fields[part].annotation
    arguments = [a for a in getattr(annotation, "__args__", ()) if a not in (Ellipsis, type(None))]
    return annotation if not arguments or (isinstance(part, str) and is_tuple(annotation)) else arguments[0]


def is_tuple(annotation: Any) -> bool:
    """Whether the annotation is a tuple, whose element the next part of a path picks."""
    return getattr(annotation, "__origin__", None) is tuple
