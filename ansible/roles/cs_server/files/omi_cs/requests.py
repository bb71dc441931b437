"""What a city asks, out of its JSON. Pure; whatever is wrong with it is said at once."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

IDENTIFIER = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
LONGEST_CONTENT = 65_536
"""Characters of one message."""
MOST_AT_ONCE = 1000
"""Messages that one request reads or acknowledges."""


class UnfitRequestError(Exception):
    """The request cannot be understood; the argument lists everything that is wrong with it."""

    def __init__(self, wrong: list[str]) -> None:
        super().__init__("; ".join(wrong))
        self.wrong = wrong


class Message(NamedTuple):
    """A message as the city wrote it. ``identifier`` is the city's own: sent twice, it is one message."""

    identifier: str
    content: str


def message(body: bytes) -> Message:
    """The message in a request's body. Raises UnfitRequestError."""
    fields = mapping(body, {"id", "content"})
    wrong = [*wrong_identifier("id", fields.get("id")), *wrong_content(fields.get("content"))]
    if wrong:
        raise UnfitRequestError(wrong)
    return Message(fields["id"], fields["content"])


def acknowledged(body: bytes) -> list[str]:
    """The identifiers that a request's body acknowledges, each once. Raises UnfitRequestError."""
    identifiers = mapping(body, {"ids"}).get("ids")
    if not isinstance(identifiers, list) or not 1 <= len(identifiers) <= MOST_AT_ONCE:
        raise UnfitRequestError([f"ids: a list of 1 to {MOST_AT_ONCE} is right"])
    wrong = [line for place, one in enumerate(identifiers) for line in wrong_identifier(f"ids[{place}]", one)]
    if wrong:
        raise UnfitRequestError(wrong)
    return sorted(set(identifiers))


def limit(query: str) -> int:
    """How many messages a query string asks for. Raises UnfitRequestError, also for any other parameter."""
    given = parse_qsl(query, keep_blank_values=True)
    unknown = [f"{name}: there is no such parameter" for name, _ in given if name != "limit"]
    values = [value for name, value in given if name == "limit"] or ["100"]
    fits = len(values) == 1 and re.fullmatch(r"[0-9]{1,4}", values[0]) and 1 <= int(values[0]) <= MOST_AT_ONCE
    if unknown or not fits:
        raise UnfitRequestError(unknown + ([] if fits else [f"limit: one number from 1 to {MOST_AT_ONCE}"]))
    return int(values[0])


def mapping(body: bytes, known: set[str]) -> dict[str, Any]:
    """The JSON object in ``body``, which has no other keys than ``known``. Raises UnfitRequestError."""
    try:
        fields = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise UnfitRequestError(["the body is not JSON in UTF-8"]) from None
    if not isinstance(fields, dict):
        raise UnfitRequestError(["the body is not a JSON object"])
    unknown = sorted(set(fields) - known)
    if unknown:
        raise UnfitRequestError([f"{name[:64]}: there is no such field" for name in unknown])
    return fields


def wrong_identifier(where: str, value: Any) -> list[str]:
    """What is wrong with an identifier, if anything."""
    if isinstance(value, str) and IDENTIFIER.match(value):
        return []
    return [f"{where}: 1 to 64 of letters, digits, '.', '_' and '-' are right"]


def wrong_content(value: Any) -> list[str]:
    """What is wrong with a content, if anything: the database takes no NUL, and UTF-8 no half of a pair."""
    if not isinstance(value, str) or len(value) > LONGEST_CONTENT:
        return [f"content: a text of {LONGEST_CONTENT} characters or less is right"]
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        return ["content: a character that no text has (NUL, or half of a surrogate pair)"]
    return []
