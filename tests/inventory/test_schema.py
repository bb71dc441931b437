"""The JSON Schemas that editors read."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from inventory import document
from inventory.schema import FILES, schemas

DATA = Path(__file__).parents[2] / "inventory" / "data"
CITIES = [*sorted((DATA / "cities").glob("*.yaml")), *sorted((DATA / "candidates").glob("*.yaml"))]


def as_an_editor_sees(path: Path) -> Any:
    """The file's data as JSON has it: lists, and dates as text."""
    found, problems = document.read(path, path.name)
    assert found is not None
    assert not problems
    return json.loads(json.dumps(found.data, default=datetime.date.isoformat))


@pytest.mark.parametrize("name", FILES)
def test_the_schemas_are_fresh(name: str) -> None:
    """If they are not: omi inventory schema."""
    assert (DATA / "schema" / name).read_text() == schemas()[name]


@pytest.mark.parametrize("path", [DATA / "cloud.yaml", *CITIES], ids=lambda path: path.stem)
def test_each_file_points_at_its_schema_and_fulfils_it(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    target = path.parent / first.removeprefix("# yaml-language-server: $schema=")
    schema = json.loads(target.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(as_an_editor_sees(path))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("number", 251),
        ("nummber", 5),
        ("joined", "soon"),
        ("name", "Konan"),
        ("population", 5),
        ("lines", None),
    ],
)
def test_an_editor_marks_what_the_loader_would_refuse(key: str, value: object) -> None:
    schema = json.loads(schemas()["city.schema.json"])
    data = as_an_editor_sees(DATA / "cities" / "konan.yaml") | {key: value}
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(data))


def test_what_a_person_hovers_over_is_explained() -> None:
    fields = json.loads(schemas()["city.schema.json"])["properties"]
    assert "fixes every address" in fields["number"]["description"]
    assert "hardware router" in fields["router"]["description"]
