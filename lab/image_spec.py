"""What an image is to hold: read strictly from images.yaml, known by a digest of all that matters to it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from lab.errors import LabError

DEFINITIONS = Path(__file__).with_name("images.yaml")

# To be raised when the builder itself changes what an image holds: then cached images are out of date.
BUILDER = 2


def _absolute(path: str) -> str:
    """A path from the root of an image that cannot lead out of it."""
    if not path.startswith("/") or path == "/" or ".." in path.split("/"):
        raise ValueError("give an absolute path without '..'")
    return path


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.+-]*$")]
UnitName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9@_.-]+\.(service|timer|socket|mount|target)$")
]
AbsolutePath = Annotated[str, AfterValidator(_absolute)]
Mode = Annotated[str, StringConstraints(pattern=r"^0[0-7]{3}$")]


class Strict(BaseModel):
    """Frozen, and nothing but the declared fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Template(Strict):
    """A file that Incus writes into an instance from its configuration (pongo2)."""

    content: str
    mode: Mode = "0644"


class Layer(Strict):
    """What one layer puts into an image: packages, files, and what is done to units."""

    packages: list[Name] = []
    files: dict[AbsolutePath, str] = {}
    remove: list[AbsolutePath] = []
    enable: list[UnitName] = []
    disable: list[UnitName] = []
    mask: list[UnitName] = []
    templates: dict[AbsolutePath, Template] = {}


class Kind(Layer):
    """A kind of host: a layer with a name people understand."""

    description: str = Field(min_length=1)


class Definitions(Strict):
    """All of images.yaml. `release` is the code name of the Debian release the images are made of."""

    release: Name
    base: Layer
    kinds: dict[Name, Kind] = Field(min_length=1)


class ImageSpec(Strict):
    """One image with its base folded in: all that decides what is in it."""

    kind: str
    release: str
    description: str
    layer: Layer

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that change whenever the image's content should."""
        document = {"builder": BUILDER, **self.model_dump()}
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def load(file: Path = DEFINITIONS) -> dict[str, ImageSpec]:
    """Images by kind. Raises LabError that lists everything wrong with `file` at once."""
    try:
        document = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
        definitions = Definitions.model_validate(document)
    except YAMLError as error:
        raise LabError(f"{file}: {error}", "write it as YAML") from None
    except ValidationError as error:
        wrong = "\n".join(f"  {_place(item['loc'])}: {item['msg']}" for item in error.errors())
        raise LabError(f"{file}:\n{wrong}", "correct these") from None
    return specs(definitions)


def specs(definitions: Definitions) -> dict[str, ImageSpec]:
    """Each kind with the base folded in."""
    return {
        name: ImageSpec(
            kind=name,
            release=definitions.release,
            description=kind.description,
            layer=_fold(definitions.base, kind),
        )
        for name, kind in definitions.kinds.items()
    }


def metadata(spec: ImageSpec, architecture: str, created: int) -> dict[str, Any]:
    """Incus's metadata.yaml of an image (Incus documentation, 'Image format'); created: Unix time."""
    return {
        "architecture": architecture,
        "creation_date": created,
        "properties": {
            "os": "Debian",
            "release": spec.release,
            "description": spec.description,
            "omi.kind": spec.kind,
            "omi.digest": spec.digest,
        },
        "templates": {
            path: {"when": ["create", "start"], "template": template_name(path), "mode": template.mode}
            for path, template in spec.layer.templates.items()
        },
    }


def template_name(path: str) -> str:
    """Name under `templates/` of the template that becomes the file at `path`."""
    return path.strip("/").replace("/", "-") + ".tpl"


def _fold(base: Layer, kind: Layer) -> Layer:
    """The two layers as one: lists are joined, and where both name one file the kind's stands."""
    folded: dict[str, Any] = {}
    for field in Layer.model_fields:
        below, above = getattr(base, field), getattr(kind, field)
        folded[field] = {**below, **above} if isinstance(below, Mapping) else sorted({*below, *above})
    return Layer(**folded)


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "(the whole file)"
