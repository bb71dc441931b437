"""How full a volume is, to the monitor: counted by its files where a quota ends it, asked of the file system else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.ansible import readers

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def program() -> dict[str, Any]:
    """The program's functions."""
    return readers.functions("volume")


def test_inside_a_larger_file_system_the_files_are_counted(program: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for place in (tmp_path / "one", tmp_path / "below" / "two"):
        place.write_bytes(os.urandom(MEGABYTE))
    (tmp_path / "gone").symlink_to("nowhere")
    used = program["used"]({"path": str(tmp_path), "bytes": 10 * MEGABYTE})
    assert 2 * MEGABYTE <= used <= 2.2 * MEGABYTE


def test_a_file_system_that_ends_where_the_volume_does_is_asked(
    program: dict[str, Any], tmp_path: Path
) -> None:
    whole = os.statvfs(tmp_path)
    size = whole.f_blocks * whole.f_frsize
    used = program["used"]({"path": str(tmp_path), "bytes": size})
    assert used == pytest.approx(size - whole.f_bavail * whole.f_frsize, abs=size / 100)
    assert used > MEGABYTE, "an empty folder of a machine that is not empty"


def test_what_is_written_is_what_the_rule_compares(program: dict[str, Any], tmp_path: Path) -> None:
    text = program["text"]([{"path": str(tmp_path), "bytes": 750 * MEGABYTE}])
    assert f'omi_volume_bytes{{mountpoint="{tmp_path}"}} 750000000\n' in text
    assert "# TYPE omi_volume_used_bytes gauge\n" in text
    assert text.endswith("\n")


def test_a_volume_that_is_not_there_is_no_empty_one(program: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        program["text"]([{"path": str(tmp_path / "none"), "bytes": MEGABYTE}])
