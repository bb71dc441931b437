"""Running other programs: one place that knows how they fail and how they die with us."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lab import children
from lab.errors import LabError

TAIL_LINES = 12

# Directories that hold programs of the lab and may be missing on the PATH of whoever starts it.
EXTRA_PATH = (
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/usr/libexec/incus",
    "/opt/incus/bin",
)
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), *EXTRA_PATH])


def find_program(name: str) -> str | None:
    """Absolute path of a program, also in directories that a plain user's PATH leaves out."""
    return shutil.which(name, path=SEARCH_PATH)


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 120,
    text: str | None = None,
) -> str:
    """Run a short command and return its standard output.

    text: what it reads on its standard input; nothing if None. timeout: seconds.
    Raises LabError when the program is missing, takes longer, or does not exit with 0.
    """
    command = [str(part) for part in argv]
    try:
        done = subprocess.run(
            command,
            env=env or _environment(),
            cwd=cwd,
            timeout=timeout,
            text=True,
            capture_output=True,
            input=text or "",
        )
    except FileNotFoundError:
        raise LabError(f"there is no program {command[0]!r}", "run `omi lab up`, which installs it") from None
    except subprocess.TimeoutExpired:
        raise LabError(
            f"`{command[0]}` did not finish in {timeout:g} s", "look at the machine's load"
        ) from None
    if done.returncode != 0:
        raise failure(command, done.returncode, (done.stderr or done.stdout).splitlines(), None)
    return done.stdout


def follow(
    argv: Sequence[str | Path],
    log: Path,
    on_line: Callable[[str], None],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Run a long command: every line of its output goes to the end of `log` and to `on_line`.

    Raises LabError, which quotes the last lines and names the log, when it does not exit with 0; children.EndedError
    when it was ended because another stage failed.
    """
    command = [str(part) for part in argv]
    log.parent.mkdir(parents=True, exist_ok=True)
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    with (
        log.open("a", encoding="utf-8", buffering=1) as record,
        subprocess.Popen(
            command,
            env=env or _environment(),
            cwd=cwd,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
        children.listed(process, command),
    ):
        for line in process.stdout or ():
            record.write(line)
            tail.append(line.rstrip())
            on_line(line.rstrip())
        process.wait()
    if process.returncode != 0:
        raise failure(command, process.returncode, list(tail), log)


def dying_with_us(argv: Sequence[str | Path]) -> list[str]:
    """The same command, in a process and mount namespace that ends when this process does.

    A build that outlived a killed `omi lab up` would work on in the dark while the next one starts. The
    kernel tells `unshare` when we die, and takes whatever the build has started, and its mounts, with it.
    """
    wrapper = [*children.DYING_WITH_US, "unshare", "--pid", "--mount", "--mount-proc", "--fork"]
    return [*wrapper, "--kill-child=KILL", "--", *(str(part) for part in argv)]


def is_wrapped(command: Sequence[str]) -> bool:
    """Whether `command` is one of `dying_with_us`; what it runs stands after `--`."""
    return tuple(command[: len(children.DYING_WITH_US)]) == children.DYING_WITH_US


def failure(command: Sequence[str], status: int, output: Sequence[str], log: Path | None) -> LabError:
    """The error of a command that exited with `status`: its name, its last lines, the log with them all."""
    last = "\n".join(f"  {line}" for line in output[-TAIL_LINES:])
    own = command[command.index("--") + 1 :] if is_wrapped(command) else command
    shown = " ".join(own[:4]) + (" ..." if len(own) > 4 else "")
    return LabError(
        f"`{shown}` ended with status {status}:\n{last}",
        f"the whole of it is in {log}" if log else "see above",
    )


def _environment() -> dict[str, str]:
    return {**os.environ, "PATH": SEARCH_PATH}
