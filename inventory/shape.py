"""What the models expect at a path, and what of some data is sound although other parts of it are not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin

from pydantic.fields import FieldInfo

from inventory.quantity import Frozen
from inventory.yaml_reader import KeyPath

Model = TypeVar("Model", bound=Frozen)


def fields_at(model: type[Frozen], path: KeyPath) -> Mapping[str, FieldInfo]:
    """The fields of the model that ``path`` leads to; none where it leads to no model."""
    current: Any = model
    for part in path:
        field = fields(current).get(str(part))
        current = element(current) if field is None else field.annotation
    return fields(current)


def fields(annotation: Any) -> Mapping[str, FieldInfo]:
    """The fields of a model; none of anything else."""
    model = without_none(annotation)
    return model.model_fields if isinstance(model, type) and issubclass(model, Frozen) else {}


def without_none(annotation: Any) -> Any:
    """What may be left out, as it is when it is there: ``X`` of ``X | None``; anything else as it is."""
    choices = [choice for choice in get_args(annotation) if choice is not NoneType]
    is_optional = get_origin(annotation) is UnionType and len(choices) == 1
    return choices[0] if is_optional else annotation


def element(annotation: Any) -> Any:
    """What a list of this type holds; None for anything but a list."""
    return get_args(annotation)[0] if get_origin(annotation) is tuple else None


def sound(model: type[Model], data: Any, faulty: Collection[KeyPath], here: KeyPath = ()) -> Model:
    """``model`` with those of its fields that are right in ``data``; the others are missing.

    ``faulty`` are the places where something is wrong. Of a mapping, and of each mapping in a list, just
    what is wrong is missing; anything else is right as a whole or missing as a whole.
    """
    right = {
        name: part(field.annotation, data[name], faulty, (*here, name))
        if name in data
        else field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if here not in faulty and is_right(field.annotation, faulty, (*here, name))
    }
    instance = cast(Model, model.model_construct(**right))
    for name in model.model_fields.keys() - right.keys():
        # pydantic fills in the default; but something else was written, and that was wrong.
        instance.__dict__.pop(name, None)
    return instance


def is_right(annotation: Any, faulty: Collection[KeyPath], path: KeyPath) -> bool:
    """Whether something can be made of the value at ``path``."""
    if fields(annotation) or fields(element(annotation)):
        return path not in faulty
    return not any(other[: len(path)] == path for other in faulty)


def part(annotation: Any, data: Any, faulty: Collection[KeyPath], path: KeyPath) -> Any:
    """The sound part of a value that is right as such."""
    if fields(annotation) and data is not None:
        return sound(without_none(annotation), data, faulty, path)
    item = element(annotation)
    if fields(item):
        return tuple(sound(item, value, faulty, (*path, index)) for index, value in enumerate(data))
    return data
