"""What rules look at, and how they get along with things that are faulty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from inventory.document import Document
from inventory.model import CloudFile
from inventory.quantity import FaultyFieldError, Frozen

Model = TypeVar("Model", bound=Frozen)
Item = TypeVar("Item")

SHOWN_NAMES = 20


@dataclass(frozen=True)
class Declared(Generic[Model]):
    """A file's model with the place of everything in it. What is faulty in the file, the model lacks."""

    stem: str
    """The file's name without .yaml."""
    document: Document
    model: Model


def tolerant(rule: Iterable[Item]) -> Iterator[Item]:
    """What ``rule`` yields, up to where it asks for something that is faulty itself, and reported as that."""
    with suppress(FaultyFieldError):
        yield from rule


def edge_names(file: CloudFile) -> list[str]:
    """The data center's edge routers."""
    return [f"dc-edge{number}" for number in range(1, file.data_center.edges + 1)]


def one_of(names: Iterable[str]) -> str:
    """The closing half of a message about a name that does not exist."""
    known = sorted(set(names))
    more = f" and {len(known) - SHOWN_NAMES} more" if len(known) > SHOWN_NAMES else ""
    return f"there are: {', '.join(known[:SHOWN_NAMES])}{more}" if known else "there are none"
