"""The `pulumi` program: the one on PATH if there is one, else one built from pinned Go modules.

pulumi/cli and pulumi/language hold little but a go.mod and a go.sum each: what is compiled comes from the Go modules
they name, checked against go.sum, less what pulumi/left_out.yaml names. docs/decisions/0031 says why there are two.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab import pulumi_source
from lab.commands import SEARCH_PATH, dying_with_us, find_program, follow, run
from lab.errors import LabError
from lab.files import has_content, write_atomically
from lab.packages import BOOKWORM_GO
from lab.paths import LabPaths

MODULES = Path(__file__).with_name("pulumi")
SDK = "github.com/pulumi/pulumi/sdk/v3"
VERSION_VARIABLE = f"{SDK}/go/common/version.Version"
LANGUAGE_HOST = "pulumi-language-python"
# What the language host starts to run a Python program; it is part of the sdk module, not of this repository.
LAUNCHER = "pulumi-language-python-exec"
STAMP = ".built-from"
FETCH_SECONDS = 900


@dataclass(frozen=True)
class Program:
    """A Go program to build: its directory under pulumi/, its package, the module whose version it shows."""

    name: str
    module: str
    package: str
    versioned_by: str


CLI = Program(
    "pulumi", "cli", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", "github.com/pulumi/pulumi/pkg/v3"
)
LANGUAGE = Program(LANGUAGE_HOST, "language", f"{SDK}/python/cmd/pulumi-language-python", SDK)


def users_own(paths: LabPaths, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The user's pulumi: one on PATH that is not the lab's and has its Python language host within reach."""
    entries = environ.get("PATH", os.defpath).split(os.pathsep)
    others = os.pathsep.join(entry for entry in entries if Path(entry) != paths.pulumi_bin)
    program = shutil.which("pulumi", path=others)
    if program is None:
        return None
    beside = str(Path(program).resolve().parent)
    host = shutil.which(LANGUAGE_HOST, path=os.pathsep.join([beside, others]))
    return Path(program) if host else None


def definition_digest(modules: Path = MODULES) -> str:
    """Digest of all that decides what is built: every file of the Go modules."""
    total = hashlib.sha256()
    for file in sorted(path for path in modules.rglob("*") if path.is_file()):
        total.update(str(file.relative_to(modules)).encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def required_version(go_mod: str, module: str) -> str:
    """The version of `module` that a go.mod's text requires. Raises ValueError when it names none."""
    for line in go_mod.splitlines():
        words = line.removeprefix("require").split()
        if len(words) >= 2 and words[0] == module:
            return words[1]
    raise ValueError(f"go.mod does not require {module}")


def is_ready(paths: LabPaths) -> bool:
    """Whether there is a pulumi to use: the user's own, or the lab's built from the present definition."""
    return users_own(paths) is not None or has_content(paths.pulumi_bin / STAMP, definition_digest() + "\n")


def needs_go(paths: LabPaths) -> bool:
    """Whether a Go compiler is to be installed: only where there is something to build and none to build it."""
    return not is_ready(paths) and compiler() is None


def is_recent(go_version: str) -> bool:
    """Whether the answer of `go version` is that of a Go that can fetch the release go.mod asks for (1.21 on)."""
    match = re.search(r"\bgo1\.(\d+)", go_version)
    return match is not None and int(match[1]) >= 21


def compiler() -> str | None:
    """Path of a Go that will do: the one on PATH, or Debian's own beside it; None where neither is recent."""
    for program in ("go", BOOKWORM_GO.program):
        found = find_program(program)
        if found and is_recent(run([found, "version"])):
            return found
    return None


def build(paths: LabPaths, detail: Callable[[str], None]) -> None:
    """Build pulumi and its Python language host into the lab. Two minutes on two cores, network needed.

    Sources and compiler's cache stay until all is built, so a killed build goes on where it was.
    """
    workshop = paths.pulumi / "build"
    new = workshop / "bin"
    new.mkdir(parents=True, exist_ok=True)
    log = paths.logs / "pulumi-build.log"
    detail("fetching the sources")
    _compile(CLI, _trimmed(CLI, workshop), new, workshop, log, detail)
    # After the program: most of what the language host needs has then been compiled.
    _compile(LANGUAGE, MODULES / LANGUAGE.module, new, workshop, log, detail)
    launcher = _module_directory(SDK, MODULES / CLI.module, workshop) / "python" / "cmd" / LAUNCHER
    shutil.copyfile(launcher, new / LAUNCHER)
    (new / LAUNCHER).chmod(0o755)
    paths.pulumi_bin.mkdir(parents=True, exist_ok=True)
    (paths.pulumi_bin / STAMP).unlink(missing_ok=True)
    for name in (LANGUAGE_HOST, LAUNCHER, CLI.name):
        (new / name).replace(paths.pulumi_bin / name)
    write_atomically(paths.pulumi_bin / STAMP, definition_digest() + "\n")
    shutil.rmtree(workshop)


def _trimmed(program: Program, workshop: Path) -> Path:
    """A copy of the program's go.mod and go.sum that uses trimmed copies of the modules in left_out.yaml."""
    sources = workshop / "source"
    definition = MODULES / program.module
    copy = sources / program.module
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(definition, copy)
    left_out = pulumi_source.load()
    for module in sorted({part.module for part in left_out}):
        trimmed = sources / module
        parts = [part for part in left_out if part.module == module]
        original = _module_directory(module, definition, workshop)
        pulumi_source.copy_trimmed(original, trimmed, parts, MODULES / "left_out")
        edit = [_go(), "mod", "edit", f"-replace={module}={trimmed}"]
        run(edit, cwd=copy, env=_go_environment(workshop))
    return copy


def _compile(
    program: Program, module: Path, into: Path, workshop: Path, log: Path, detail: Callable[[str], None]
) -> None:
    """Build `program` in the main module that lies in the directory `module`."""
    version = required_version((module / "go.mod").read_text(encoding="utf-8"), program.versioned_by)
    environment = _go_environment(workshop)
    detail(f"{program.name}: fetching the sources")
    listing = dying_with_us([_go(), "list", "-deps", program.package])
    packages = run(listing, cwd=module, env=environment, timeout=FETCH_SECONDS)
    total, compiled = len(packages.split()), 0

    def on_line(line: str) -> None:
        nonlocal compiled
        # `go build -v` names each package as it is compiled
        compiled += not line.startswith("go: ")
        detail(f"{program.name}: {compiled} of {total} packages compiled")

    flags = [
        "-v",
        "-trimpath",
        "-ldflags",
        f"-s -w -X {VERSION_VARIABLE}={version}",
        "-o",
        str(into / program.name),
    ]
    command = dying_with_us([_go(), "build", *flags, program.package])
    follow(command, log, on_line, cwd=module, env=environment)


def _module_directory(module: str, main: Path, workshop: Path) -> Path:
    """Where Go keeps the sources of `module`, in the version that `main` asks for; fetched where need be."""
    fetching = dying_with_us([_go(), "mod", "download", "-json", module])
    answer = run(fetching, cwd=main, env=_go_environment(workshop), timeout=FETCH_SECONDS)
    return Path(json.loads(answer)["Dir"])


def _go_environment(workshop: Path) -> dict[str, str]:
    """The user's environment with Go's caches in the lab: nothing of the build stays in a home directory."""
    places = {
        "GOMODCACHE": str(workshop / "mod"),
        "GOCACHE": str(workshop / "cache"),
        "GOPATH": str(workshop / "go"),
    }
    # A Go older than go.mod asks for fetches the right one; the module cache is made so it can be removed.
    rules = {
        "GOTOOLCHAIN": "auto",
        "GOFLAGS": "-mod=readonly -modcacherw",
        "CGO_ENABLED": "0",
        "GOWORK": "off",
        # Compilers live for seconds and memory is at hand: 1% and 11% less time in two pairs of builds.
        "GOGC": "400",
    }
    temporary = workshop / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return {**os.environ, "PATH": SEARCH_PATH, **places, **rules, "GOTMPDIR": str(temporary)}


def _go() -> str:
    go = compiler()
    if go is None:
        raise LabError(
            "there is no Go from 1.21 on to build pulumi with", "install one, such as Debian's golang-go"
        )
    return go
