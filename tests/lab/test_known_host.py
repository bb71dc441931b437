"""The key that ssh is told to expect of a host."""

from __future__ import annotations

import json
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from lab.environment import KNOWN_HOST
from lab.known_host import known_host_line, project_of

KEY = "ssh-ed25519 AAAAC3Nza root@konan-ce1\n"
LISTING = json.dumps(
    {"metadata": [{"name": "konan-ce1", "project": "konan"}, {"name": "dc-db1", "project": "dc"}]}
)


def test_the_comment_of_a_key_is_left_out() -> None:
    assert known_host_line("konan-ce1", KEY) == "konan-ce1 ssh-ed25519 AAAAC3Nza\n"
    assert known_host_line("konan-ce1", None) == ""
    assert known_host_line("konan-ce1", "\n") == ""


def test_a_host_is_found_by_its_whole_name_in_whatever_project() -> None:
    assert project_of("dc-db1", LISTING) == "dc"
    assert project_of("dc-db", LISTING) is None
    assert project_of("dc-db1", None) is None


class Daemon(BaseHTTPRequestHandler):
    """The two answers of Incus that matter."""

    def do_GET(self) -> None:
        if self.path.startswith("/1.0/instances?"):
            self._answer(200, LISTING)
        elif (
            self.path == "/1.0/instances/konan-ce1/files?project=konan&path=/etc/ssh/ssh_host_ed25519_key.pub"
        ):
            self._answer(200, KEY)
        else:
            self._answer(404, "{}")

    def _answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def socket(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "s"
    with socketserver.ThreadingUnixStreamServer(str(path), Daemon) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield path
        server.shutdown()


def _run(socket: Path, host: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(KNOWN_HOST), str(socket), host]
    return subprocess.run(command, capture_output=True, text=True, timeout=20)


def test_the_program_prints_what_ssh_reads(socket: Path) -> None:
    done = _run(socket, "konan-ce1")
    assert (done.returncode, done.stdout) == (0, "konan-ce1 ssh-ed25519 AAAAC3Nza\n")


@pytest.mark.parametrize("host", ["konan-ce2", "dc-db1"])
def test_a_host_that_is_not_there_or_has_no_key_yet_has_no_line(socket: Path, host: str) -> None:
    done = _run(socket, host)
    assert (done.returncode, done.stdout) == (0, "")


def test_without_a_daemon_it_says_so_and_ssh_refuses(tmp_path: Path) -> None:
    done = _run(tmp_path / "missing", "konan-ce1")
    assert done.returncode == 1
    assert "the lab's daemon does not answer" in done.stderr
    assert "Traceback" not in done.stderr
