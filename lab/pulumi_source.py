"""Pulumi's sources less what no lab needs: copies of two of its modules, trimmed by pulumi/left_out.yaml.

The copies are taken from Go's module cache, where the Go tool has checked them against go.sum; go.mod is then told to
use them in place of the modules. (An overlay would be shorter, but Go refuses one over its module cache.)
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator
from ruamel.yaml import YAML

from lab.errors import LabError

LEFT_OUT = Path(__file__).with_name("pulumi") / "left_out.yaml"
REPLACEMENT = "left_out.go"


class LeftOut(BaseModel):
    """One package of a Go module that is built without most of its files; see the head of left_out.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    module: str
    package: str
    keep: tuple[str, ...] | None = None
    remove: tuple[str, ...] | None = None
    replacement: str

    @model_validator(mode="before")
    @classmethod
    def _of_yaml(cls, document: dict[str, object]) -> dict[str, object]:
        return {"replacement" if key == "with" else key: value for key, value in document.items()}

    @model_validator(mode="after")
    def _names_files_one_way(self) -> LeftOut:
        if (self.keep is None) == (self.remove is None):
            raise ValueError("give keep or remove")
        return self

    def removed(self, files: Iterable[str]) -> list[str]:
        """Which of a package's files to remove. Raises LabError where a file that is named is not among them."""
        sources = {file for file in files if file.endswith(".go")}
        if absent := sorted({*(self.keep or ()), *(self.remove or ())} - sources):
            raise LabError(
                f"{self.module}/{self.package} has no {', '.join(absent)}",
                f"bring {LEFT_OUT.name} into line with the version that go.mod asks for",
            )
        return sorted(
            sources & set(self.remove) if self.remove is not None else sources - set(self.keep or ())
        )


def load(file: Path = LEFT_OUT) -> list[LeftOut]:
    """What left_out.yaml says."""
    document = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    return [LeftOut.model_validate(entry) for entry in document]


def copy_trimmed(module: Path, into: Path, parts: Iterable[LeftOut], replacements: Path) -> None:
    """Copy a module's sources to `into`, without what `parts` leave out. An unfinished copy is made anew."""
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(module, into)
    for part in parts:
        package = into / part.package
        for name in part.removed(file.name for file in package.iterdir()):
            (package / name).unlink()
        shutil.copyfile(replacements / part.replacement, package / REPLACEMENT)
