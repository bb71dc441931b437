"""A cloud of two cities, so that the golden files do not change whenever a city joins."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from inventory.load import load
from inventory.plan import plan
from inventory.topology import Topology

ROOT = Path(__file__).parents[2]


def module_at(path: Path, name: str) -> ModuleType:
    """The Python file at ``path``, imported under ``name``."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def script() -> ModuleType:
    """The dynamic inventory."""
    return module_at(ROOT / "ansible" / "inventory.py", "ansible_inventory")


@pytest.fixture(scope="session")
def two_cities() -> Topology:
    """The declared centers with Kusatsu and Konan."""
    cloud = load()
    cities = tuple(city for city in cloud.cities if city.name in {"kusatsu", "konan"})
    return plan(cloud.model_copy(update={"cities": cities}))


@pytest.fixture(scope="session")
def variables(script: ModuleType, two_cities: Topology) -> dict[str, Any]:
    """Every host's variables."""
    answer: dict[str, Any] = script.ansible_inventory(two_cities)["_meta"]["hostvars"]
    return answer
