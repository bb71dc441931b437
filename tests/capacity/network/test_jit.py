"""Machine code is never older than its sources."""

from __future__ import annotations

from pathlib import Path

import capacity.network
from capacity.network import jit


def test_every_compiled_module_counts_for_the_name_of_the_cache():
    modules = Path(capacity.network.__file__).parent.glob("*.py")
    compiled = {
        path.stem for path in modules if "import numba" in (text := path.read_text()) or "@compiled" in text
    }
    assert set(jit.SOURCES) == compiled


def test_a_changed_source_gets_a_cache_of_its_own(tmp_path, monkeypatch):
    for module in jit.SOURCES:
        (tmp_path / f"{module}.py").write_text("")
    monkeypatch.setattr(jit, "__file__", str(tmp_path / "jit.py"))
    before = jit.cache_folder()
    (tmp_path / "heaps.py").write_text("changed")
    assert jit.cache_folder() != before
