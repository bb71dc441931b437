"""Nothing is built that has not been proven, unless somebody puts their word on record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.gate import Override, RefusedError, pass_through
from inventory.verdict import LevelVerdict, Verdict, file_name

DIGEST, OTHER = "a" * 64, "b" * 64


def verdict(passed: bool, **changes: Any) -> Verdict:
    """A verdict on one promise."""
    level = LevelVerdict(
        level="sign_in_p95",
        regime="normal",
        unit="s",
        limit=60.0,
        figure=20.0 if passed else 70.0,
        low=19.0,
        high=21.0 if passed else 71.0,
        margin=65.0 if passed else -18.0,
        worst_case="line1 of konan",
        runs=10,
        passed=passed,
    )
    written = Verdict(
        digest=DIGEST, cities=("konan",), passed=passed, cases=3, runs=30, levels=(level,), hinges=()
    )
    return written.model_copy(update=changes)


def keep(directory: Path, digest: str, content: Verdict) -> None:
    """Put ``content`` where the verdict on ``digest`` is looked for."""
    (directory / file_name(digest)).write_text(content.model_dump_json())


def test_a_passing_verdict_opens(tmp_path: Path) -> None:
    keep(tmp_path, DIGEST, verdict(passed=True))
    assert pass_through(tmp_path, DIGEST, None) == "verdict: 1 promises kept in 3 cases"


def test_a_missing_verdict_is_refused_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="omi capacity verdict"):
        pass_through(tmp_path, DIGEST, None)


def test_a_failing_verdict_is_refused_with_what_it_breaks(tmp_path: Path) -> None:
    keep(tmp_path, DIGEST, verdict(passed=False))
    with pytest.raises(RefusedError, match=r"sign_in_p95 \(normal\): worst with line1 of konan"):
        pass_through(tmp_path, DIGEST, None)


def test_the_verdict_on_another_declaration_does_not_count(tmp_path: Path) -> None:
    keep(tmp_path, OTHER, verdict(passed=True))
    with pytest.raises(RefusedError):
        pass_through(tmp_path, OTHER, None)


def test_a_damaged_verdict_does_not_count(tmp_path: Path) -> None:
    (tmp_path / file_name(DIGEST)).write_text('{"passed": true}')
    with pytest.raises(RefusedError):
        pass_through(tmp_path, DIGEST, None)


def test_a_word_on_record_opens_and_is_kept(tmp_path: Path) -> None:
    word = Override(digest=DIGEST, reason="a drill needs it today")
    assert pass_through(tmp_path, DIGEST, word).endswith("a drill needs it today")


def test_a_word_is_for_one_declaration_only(tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        pass_through(tmp_path, DIGEST, Override(digest=OTHER, reason="that one was fine"))
