"""A scenario from a file, or all that is wrong with the file. Nothing in the file is trusted."""

from __future__ import annotations

import json
import math
import stat
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from capacity.network.rules import Fault, InvalidScenarioError, Place, check, messages, quoted
from capacity.network.scenario import Change, Flow, Link, Scenario

SIZE_CAP = 64 * 1024 * 1024
"""Bytes; room for about half a million flows."""

DEPTH = 6
"""Steps from the whole to the innermost value: a link of an alternative of a flow has five."""

KEYS = {
    "": Scenario.model_fields,
    "links": Link.model_fields,
    "flows": Flow.model_fields,
    "changes": Change.model_fields,
}


class JsonObject(dict[str, Any]):
    """A JSON object that remembers which of its keys were written more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated = repeated([key for key, _ in pairs]) if len(pairs) > len(self) else []


def repeated(keys: list[str]) -> list[str]:
    """Keys that occur more than once, each once."""
    return [key for key, count in Counter(keys).items() if count > 1]


def load_scenario(path: Path) -> Scenario:
    """The scenario in the JSON file ``path``. Raises InvalidScenarioError with every problem found."""
    name = quoted(path.name)[1:-1]
    data = parse(read_text(path, name), name)
    faults = duplicates(data, ())
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        faults += [explain(detail) for detail in error.errors(include_url=False)]
    faults += check(data)
    if faults:
        raise InvalidScenarioError(messages(name, faults))
    return scenario


def read_text(path: Path, name: str) -> str:
    """The file's text, or InvalidScenarioError."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            refuse(f"{name}: not a regular file; give a JSON file")
        if status.st_size > SIZE_CAP:
            refuse(f"{name}: {status.st_size:,} bytes; a scenario may have {SIZE_CAP:,}")
        raw = path.read_bytes()
    except OSError as error:
        refuse(f"{name}: cannot be read ({error.strerror}); give a file that can")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        refuse(f"{name}:{line}: byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8")


def parse(text: str, name: str) -> Any:
    """The file's data, objects as :class:`JsonObject`. Raises InvalidScenarioError where it is not JSON."""
    try:
        # Python reads NaN, 1e999 and numbers of any length: all become floats, and the model wants finite
        # ones.
        return json.loads(text, object_pairs_hook=JsonObject, parse_int=whole_number)
    except json.JSONDecodeError as error:
        refuse(f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}; correct it here")
    except RecursionError:
        refuse(f"{name}: nested too deeply; no scenario needs that")


def whole_number(digits: str) -> int | float:
    """A whole number; beyond what a float can tell from its neighbours anyway, a float."""
    return int(digits) if len(digits) <= 18 else float(digits)


def refuse(problem: str) -> NoReturn:
    """Give up at once: there is no data in which to find more."""
    raise InvalidScenarioError([problem])


def duplicates(data: Any, place: Place) -> list[Fault]:
    """Keys written more than once, as deep down as a scenario reaches."""
    if len(place) > DEPTH:
        return []
    if isinstance(data, JsonObject):
        own = [Fault((*place, show_key(key)), "the key is there twice", "keep one") for key in data.repeated]
        return own + [
            fault for key, value in data.items() for fault in duplicates(value, (*place, show_key(key)))
        ]
    if isinstance(data, list):
        return [fault for i, value in enumerate(data) for fault in duplicates(value, (*place, i))]
    return []


def show_key(key: str) -> str:
    """A key as it may stand in a message."""
    return key if key.isidentifier() and key.isascii() and len(key) <= 60 else quoted(key)


def explain(detail: ErrorDetails) -> Fault:
    """One finding of the model, in words a person can act on."""
    place = tuple(show_key(step) if isinstance(step, str) else step for step in detail["loc"])
    kind = detail["type"]
    if kind == "missing":
        return Fault(place, "missing", f"give {WANTED.get(str(place[-1]), 'it')}")
    if kind == "extra_forbidden":
        known = KEYS[str(place[0]) if len(place) > 1 else ""]
        return Fault(place, "unknown key", f"the keys here are {', '.join(known)}")
    wanted = WANTED.get(
        next((str(step) for step in reversed(place) if isinstance(step, str)), ""), "a scenario"
    )
    if place and isinstance(place[-1], int):
        wanted = ELEMENTS.get(str(place[-2]), "the id of a link")
    return Fault(place, f"{shown(detail['input'])} is not allowed", f"give {wanted}")


def shown(value: Any) -> str:
    """A value as a message quotes it."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if isinstance(value, float) and not math.isfinite(value):
        return "a number that is not finite"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


WANTED = {
    "links": "a list of links",
    "flows": "a list of flows",
    "changes": "a list of changes",
    "detection_s": "seconds from 0 to 1e12",
    "id": "text of 1 to 200 characters that can be printed",
    "link": "the id of a link",
    "capacity_bps": "bit/s from 0 (down) to 1e18",
    "start_s": "seconds from 0 to 1e12",
    "at_s": "seconds from 0 to 1e12",
    "bytes": "a number above 0 and up to 1e18",
    "path": "a list of at least one link id",
    "alternatives": "a list of paths, each a list of at least one link id",
    "weight": "a number from 1e-6 to 1e6",
    "rate_limit_bps": "bit/s from 0.001 to 1e18, or null for no limit",
}
ELEMENTS = {
    "links": "an object",
    "flows": "an object",
    "changes": "an object",
    "alternatives": "a list of link ids",
}
