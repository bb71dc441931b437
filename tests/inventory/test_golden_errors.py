"""What a person sees whose declaration is faulty. One folder a fault in golden/, reviewed like code:

edits.txt       what is wrong: hunks of ``-`` lines and the ``+`` lines they become, under ``@ file``;
                a hunk without ``-`` lines is added at the end of the file
expected.txt    every line that is printed

Faults that no text file can show are made by a function below, of the folder's name. After rewording,
``GOLDEN=write pytest tests/inventory/test_golden_errors.py`` writes what is expected anew, to be reviewed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inventory.load import load
from inventory.problem import InvalidDeclarationError

GOLDEN = Path(__file__).parent / "golden"
KONAN = Path("cities/konan.yaml")


def byte_order_mark() -> None:
    """A byte order mark, which editors hide."""
    KONAN.write_text("\ufeff" + KONAN.read_text())


def control_characters() -> None:
    """A bell, a mark that turns the reading direction, and a character that is none."""
    text = KONAN.read_text().replace("founder", "founder\a").replace("Konan", "Kon\u202ean")
    KONAN.write_text(text.replace("湖南市", "湖南\uffff"))


def directory_for_a_file() -> None:
    """A folder called like a city's file."""
    Path("cities/moriyama.yaml").mkdir()


def empty_file() -> None:
    """An empty file."""
    KONAN.write_text("")


def file_for_a_directory() -> None:
    """A file where the cities should be."""
    Path("cities").rename("towns")
    Path("cities").write_text("konan, yasu")


def full_of_control_characters() -> None:
    """A binary file that happens to be UTF-8: it is reported, but not for ever."""
    KONAN.write_bytes(b"\x01" * 5000)


def huge_integers() -> None:
    """More digits than any number here has, and more than Python converts."""
    text = KONAN.read_text().replace("number: 5", "number: " + "9" * 70)
    KONAN.write_text(text.replace("54460", "9" * 5000))


def missing_cloud_file() -> None:
    """No cloud.yaml; what is wrong with a city alone is found all the same."""
    Path("cloud.yaml").unlink()
    KONAN.write_text(KONAN.read_text().replace("number: 5", "number: 4"))


def named_pipe() -> None:
    """A named pipe, which would be waited for for ever."""
    os.mkfifo("cities/moriyama.yaml")


def no_cities() -> None:
    """An empty folder of cities."""
    for path in Path("cities").iterdir():
        path.unlink()


def not_utf8() -> None:
    """Shift JIS, as an old editor saves it."""
    KONAN.write_bytes(KONAN.read_text().encode("shift_jis"))


def only_comments() -> None:
    """A file of comments."""
    KONAN.write_text("# later\n")


def over_the_size_cap() -> None:
    """More bytes than anybody declares."""
    KONAN.write_text(KONAN.read_text() + "#" * (128 * 1024))


def reserved_names() -> None:
    """A city called like a center."""
    text = KONAN.read_text().replace("number: 5", "number: 6").replace("name: konan", "name: dc")
    Path("cities/dc.yaml").write_text(text)


def scalar_file() -> None:
    """A file that is one word."""
    KONAN.write_text("konan\n")


def stray_files() -> None:
    """Names that are no city's, one with a line break, one that is no text; hidden files are left alone."""
    for name in ("konan.yaml.orig", "Moriyama.yaml", "ko\nka.yaml", "yasu.yml", ".konan.yaml.swp"):
        Path("cities", name).write_text("")
    Path(os.fsdecode(b"cities/\xff.yaml")).write_text("")


def symlink_loop() -> None:
    """A link to itself."""
    KONAN.unlink()
    KONAN.symlink_to("konan.yaml")


def text_too_long() -> None:
    """Longer than a title may be, and empty."""
    KONAN.write_text(KONAN.read_text().replace("{en: Konan, ja: 湖南市}", f"{{en: {'K' * 401}, ja: ''}}"))


MADE = (
    byte_order_mark,
    control_characters,
    directory_for_a_file,
    empty_file,
    file_for_a_directory,
    full_of_control_characters,
    huge_integers,
    missing_cloud_file,
    named_pipe,
    no_cities,
    not_utf8,
    only_comments,
    over_the_size_cap,
    reserved_names,
    scalar_file,
    stray_files,
    symlink_loop,
    text_too_long,
)
MAKERS = {maker.__name__: maker for maker in MADE}


def edit(script: str) -> None:
    """Apply the hunks of an edits.txt to the files of the current folder."""
    path = Path()
    for block in script.split("\n\n"):
        lines = block.splitlines()
        for name in (line[2:] for line in lines if line.startswith("@ ")):
            path = Path(name)
        old = [line[1:] for line in lines if line.startswith("-")]
        new = [line[1:] for line in lines if line.startswith("+")]
        replace(path, old, new)


def replace(path: Path, old: list[str], new: list[str]) -> None:
    """Replace the one place where the lines ``old`` stand by ``new``; add ``new`` where there are none."""
    text = path.read_text()
    if not old:
        path.write_text(text + "\n".join([*new, ""]))
        return
    wanted = "\n".join([*old, ""])
    assert text.count(wanted) == 1, f"{path} does not hold just once: {wanted}"
    path.write_text(text.replace(wanted, "\n".join([*new, ""]) if new else ""))


@pytest.mark.usefixtures("declaration")
@pytest.mark.parametrize("case", sorted(path.name for path in GOLDEN.iterdir()))
def test_a_fault_is_reported_as_reviewed(case: str) -> None:
    edits, expected = GOLDEN / case / "edits.txt", GOLDEN / case / "expected.txt"
    if case in MAKERS:
        MAKERS[case]()
    else:
        edit(edits.read_text())
    with pytest.raises(InvalidDeclarationError) as caught:
        load(Path())
    if os.environ.get("GOLDEN") == "write":
        expected.write_text(f"{caught.value}\n")
    assert f"{caught.value}\n" == expected.read_text()


def test_every_fault_has_its_expectation() -> None:
    cases = {path.name for path in GOLDEN.iterdir()}
    assert set(MAKERS) <= cases
    assert all((GOLDEN / case / "expected.txt").is_file() for case in cases)


@pytest.mark.usefixtures("declaration")
def test_the_declaration_that_is_broken_here_is_sound() -> None:
    assert [city.name for city in load(Path()).cities] == ["yasu", "konan"]
