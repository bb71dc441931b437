"""The JSON Schemas of the declaration's files, made from the models, so that editors complete and check them."""

from __future__ import annotations

import json

from inventory.model import City, CloudFile
from inventory.quantity import Frozen

FILES: dict[str, type[Frozen]] = {"cloud.schema.json": CloudFile, "city.schema.json": City}
"""File in data/schema to its model; the first line of each YAML file points there."""


def schemas() -> dict[str, str]:
    """File name to its schema (JSON Schema 2020-12)."""
    return {
        name: json.dumps(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()},
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
        for name, model in FILES.items()
    }
