"""What a person sees: of the small declaration, and of one with a fault. One folder a case in golden/.

Files of the case replace or join those of the small declaration in sound/; ``expected.txt`` is all that is said,
and reviewed like code.
After rewording, ``GOLDEN=write pytest tests/inventory/gaiji/test_golden.py`` writes it anew, to be reviewed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from inventory.gaiji import ledger, table
from inventory.gaiji.load import load
from inventory.problem import InvalidDeclarationError

GOLDEN = Path(__file__).parent / "golden"
SAID = "expected.txt"


def check(file: Path, text: str) -> None:
    """``text`` is what was reviewed."""
    if os.environ.get("GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def said(folder: Path) -> str:
    """Questions about the registers, or mistakes in them."""
    try:
        return "".join(f"{question}\n" for question in load(folder).questions)
    except InvalidDeclarationError as error:
        return f"{error}\n"


@pytest.mark.parametrize("case", sorted(folder.name for folder in GOLDEN.iterdir() if folder.is_dir()))
def test_what_is_said(small: Path, case: str) -> None:
    shutil.copytree(GOLDEN / case, small / "gaiji", dirs_exist_ok=True)
    (small / "gaiji" / SAID).unlink(missing_ok=True)
    check(GOLDEN / case / SAID, said(small))


def test_questions_of_the_small_declaration(small: Path) -> None:
    check(GOLDEN / "questions.txt", said(small))


def test_its_table_and_its_ledger(small: Path) -> None:
    merged = load(small)
    check(GOLDEN / "table.json", table.unparse(table.table(merged)))
    check(GOLDEN / "unified.csv", ledger.unparse(merged.ledger))


def test_what_a_spreadsheet_writes_is_read_alike(small: Path) -> None:
    before = load(small)
    for file in (small / "gaiji" / "registers").iterdir():
        lines = file.read_text(encoding="utf-8").splitlines()
        quoted = [lines[0], *('"' + line.replace(",", '","') + '"' for line in lines[1:])]
        file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([*quoted, ",,,", ""]).encode())
    assert load(small).spellings == before.spellings


def test_bytes_that_are_not_utf8_are_said_to_be_so(small: Path) -> None:
    file = small / "gaiji" / "registers" / "yasu.csv"
    file.write_bytes(file.read_text(encoding="utf-8").encode("cp932"))
    wrong = "byte 0x83 is not UTF-8; save the file as UTF-8"
    assert said(small).splitlines()[0] == f"gaiji/registers/yasu.csv:2:14: {wrong}"


def test_a_declaration_without_registers_has_none(small: Path) -> None:
    shutil.rmtree(small / "gaiji")
    assert load(small).registers == ()
