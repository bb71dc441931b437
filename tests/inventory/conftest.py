"""A declaration to break: the real one's cloud file and candidates, with two cities."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inventory.load import load
from inventory.model import Cloud

DATA = Path(__file__).parents[2] / "inventory" / "data"


@pytest.fixture
def declaration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with cloud.yaml, cities/{konan,yasu}.yaml and candidates/otsu.yaml; the current one."""
    for name in ("cloud.yaml", "cities/konan.yaml", "cities/yasu.yaml", "candidates/otsu.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(DATA / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def cloud() -> Cloud:
    """The cloud that is really declared."""
    return load(DATA)
