"""A small declaration of registers, to break and to merge; and the real one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inventory.gaiji.load import default_reference, load
from inventory.gaiji.merge import Merged
from inventory.gaiji.reference import Reference

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "inventory" / "data"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a small sound declaration; the current one. Its registers are in gaiji/."""
    shutil.copytree(HERE / "sound", tmp_path / "gaiji")
    monkeypatch.chdir(tmp_path)
    return Path()


@pytest.fixture(scope="session")
def reference() -> Reference:
    """The MJ figures."""
    return default_reference()


@pytest.fixture(scope="session")
def merged() -> Merged:
    """The registers of this repository, merged."""
    return load(DATA)
