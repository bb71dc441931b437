"""The command line as a real process: pipes, signals, terminals, locales, completion and how soon it answers."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

OMI = Path(sys.executable).parent / "omi"
ROOT = Path(__file__).parents[2]


def run(
    *words: str, cwd: Path = ROOT, timeout: float = 60, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `omi` to its end; its output goes to pipes."""
    return subprocess.run(
        [OMI, *words],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def test_no_colour_when_piped_even_if_the_terminal_has_some() -> None:
    for words in (("check",), ("inventory", "addresses"), ("--help",), ("chek",)):
        done = run(*words, TERM="xterm-256color")
        assert "\x1b" not in done.stdout + done.stderr


def test_nothing_is_folded_when_piped() -> None:
    lines = run("inventory", "addresses", COLUMNS="").stdout.splitlines()
    (line,) = (line for line in lines if "konan-ce1" in line and " line1 " in line)
    assert all(part in line for part in ("konan", "c5-line1", "10.5.254.1/31", "1,000 Mbps", "dc-edge1"))


def test_a_terminal_gets_colour_and_a_table_in_its_width() -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [OMI, "check"],
        cwd=ROOT,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "110"},
        timeout=60,
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "10.6.0.0/16" in shown
    assert "\x1b[" in shown
    assert all(len(line) <= 110 for line in re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines())


def test_a_reader_that_leaves_gets_silence() -> None:
    with subprocess.Popen(
        [OMI, "inventory", "plan", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_a_full_disk_is_the_machines_fault() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [OMI, "inventory", "plan", "--json"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr == "omi: No space left on device\n"


def wait_until_it_waits(process: int, seconds: float = 30) -> None:
    """Until the process has used no processor for a second, or ``seconds`` are over."""
    deadline, still_since, used = time.monotonic() + seconds, time.monotonic(), ""
    while time.monotonic() < min(deadline, still_since + 1):
        now = " ".join(Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[11:13])
        if now != used:
            still_since, used = time.monotonic(), now
        time.sleep(0.05)


def test_interrupted_it_leaves_at_once_with_130(tmp_path: Path) -> None:
    """Interrupted while it waits for an output that nobody reads."""
    fifo = tmp_path / "cloud.svg"
    os.mkfifo(fifo)
    with subprocess.Popen(
        [OMI, "inventory", "graph", "--output", str(fifo)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        wait_until_it_waits(process.pid)
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=30)
    assert process.returncode == 130
    assert complaint == ""


def test_a_terminal_without_japanese_shows_what_it_can() -> None:
    done = run("check", LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 0
    assert "10.6.0.0/16" in done.stdout


def test_it_works_from_any_folder(tmp_path: Path) -> None:
    assert run("check", cwd=tmp_path).returncode == 0


def test_odd_file_names_are_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "cities").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/cities/\xff\x1b[2J.yaml")).write_text("")
    done = run("check", "-i", str(tmp_path))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("omi che", "check"),
        ("omi inventory ad", "addresses"),
        ("omi check --add tak", "takashima"),
        ("omi inventory graph --lang j", "ja"),
    ],
)
def test_the_shell_completes_words_options_and_candidates(words: str, wanted: str) -> None:
    position = str(len(words.split()) - 1)
    done = run(_OMI_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=position)
    assert done.stdout.split() == [wanted]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_completion_script_for_each_shell(shell: str) -> None:
    assert f"complete_{shell}" in run(_OMI_COMPLETE=f"source_{shell}").stdout


def test_help_imports_nothing_heavy() -> None:
    """What makes `omi --help` quick, said in a way that no busy machine can blur."""
    program = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from omi.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        "heavy = ('pydantic', 'netaddr', 'ruamel.yaml', 'lab', 'infra', 'capacity', 'numpy', 'httpx')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"


def test_the_version_is_told() -> None:
    assert run("--version").stdout.startswith("omi 0.")
