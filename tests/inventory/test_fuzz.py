"""Whatever a file holds: it is a declaration, or is refused in lines that a person can read. Nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inventory import document
from inventory.characters import is_invisible
from inventory.load import load
from inventory.model import City, CloudFile
from inventory.problem import InvalidDeclarationError, Problem
from inventory.quantity import Frozen
from inventory.validate import validate

DATA = Path(__file__).parents[2] / "inventory" / "data"
CITY = (DATA / "cities" / "konan.yaml").read_text()
CLOUD = (DATA / "cloud.yaml").read_text()

SPANNERS = (
    *(
        "&a ",
        "*a",
        "*a : 1",
        "<<: *a",
        "!!python/object:os.system ",
        "!<tag:x> ",
        "! ",
        "? ",
        ": ",
        "- ",
        ", ",
    ),
    *(
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        "|\n",
        ">-\n",
        "|9\n",
        "#",
        "\n",
        "\n\n  ",
        "\t",
        "%YAML 1.1\n",
        "%TAG ! x\n",
    ),
    *(
        "---\n",
        "...\n",
        "\\",
        '"\\ud800"',
        '"\\U00110000"',
        '"\\x00"',
        "\x00",
        "\x85",
        "\u2028",
        "\ufeff",
        "\uffff",
    ),
    *(
        "9" * 40,
        "9" * 4400,
        "-1",
        "0",
        ".nan",
        ".inf",
        "1e999",
        "0x10",
        "0o7",
        "1_0",
        "1:30",
        "~",
        "null",
        "true",
    ),
    *(
        "2016-02-30",
        "0000-00-00",
        "9999-99-99",
        "zone",
        "dc-edge1",
        "",
        "\r",
        "\r\n",
        "=",
        "@",
        "`",
        "名",
        "🏯",
    ),
)
"""What is thrown into the works: YAML's own words, and what parsers have stumbled over."""


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """``text`` with some parts cut out, doubled, or replaced by a spanner."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 60)))
        middle = draw(st.one_of(st.sampled_from(SPANNERS), st.just(2 * text[start:end]), st.text(max_size=8)))
        text = text[:start] + middle + text[end:]
    return text


def check_readable(problems: list[Problem]) -> None:
    """Each problem is one line that says where, what is wrong and what would be right."""
    for problem in problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.wrong
        assert problem.right
        assert not any(is_invisible(character) for character in str(problem))


def judge(text: str, model: type[Frozen]) -> None:
    """Read and validate ``text``; whatever is wrong with it is told."""
    read, problems = document.parse(text, "some.yaml")
    assert read is not None or problems
    if read is not None:
        instance, found = validate(read, model)
        problems = problems + found
        assert problems or model.model_validate(instance.model_dump()) == instance
    check_readable(problems)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode)))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(b"\xff\xfe")
@example(b"\x00")
@example(b"")
def test_arbitrary_bytes_are_refused_in_words(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "some.yaml"
    path.write_bytes(raw)
    read, problems = document.read(path, "some.yaml")
    if read is not None:
        problems = problems + validate(read, City)[1]
    assert problems
    check_readable(problems)


@given(st.lists(st.sampled_from(SPANNERS), max_size=25).map("".join))
@settings(max_examples=300, deadline=None)
@example("*a\u2028")
def test_arbitrary_yaml_is_read_or_refused_in_words(text: str) -> None:
    judge(text, City)


@given(damaged(CITY))
@settings(max_examples=200, deadline=None)
def test_a_damaged_city_file_is_read_or_refused_in_words(text: str) -> None:
    judge(text, City)


@given(damaged(CLOUD))
@settings(max_examples=30, deadline=None)
def test_a_damaged_cloud_file_is_read_or_refused_in_words(text: str) -> None:
    judge(text, CloudFile)


@given(city=damaged(CITY), cloud=damaged(CLOUD))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_declaration_is_loaded_or_refused(declaration: Path, city: str, cloud: str) -> None:
    (declaration / "cities" / "konan.yaml").write_text(city, newline="")
    (declaration / "cloud.yaml").write_text(cloud, newline="")
    before = {path: path.read_bytes() for path in declaration.rglob("*.yaml")}
    try:
        assert load(declaration).city("yasu").number == 4
    except InvalidDeclarationError as error:
        check_readable(error.problems)
    assert {path: path.read_bytes() for path in declaration.rglob("*.yaml")} == before


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a: " * 20_000,
        "- " * 60_000,
        "? " * 60_000,
        "a: [" + "x, " * 20_000,
        "".join(f"k{number}: 1\n" for number in range(12_000)),
        "&a [" * 10_000,
        "'" * 110_000,
        "!!" * 60_000,
        "{a: " * 10_000,
        "hosts: [" + "{}," * 10_000 + "]",
        "services: [" + "a," * 20_000 + "]",
    ],
    ids=lambda text: text[:8].strip(),
)
def test_a_file_as_large_as_allowed_is_refused_in_bounded_time(declaration: Path, text: str) -> None:
    assert len(text) < document.SIZE_CAP
    (declaration / "cities" / "konan.yaml").write_text(text)
    started = time.monotonic()
    with pytest.raises(InvalidDeclarationError) as caught:
        load(declaration)
    assert time.monotonic() - started < 60
    check_readable(caught.value.problems)
