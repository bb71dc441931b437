"""A real PostgreSQL on loopback, which a test may kill and start again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inventory.load import load
from inventory.plan import plan
from lab.paths import LabPaths
from omi.drill import story, terminals
from omi.drill.reach import Lab
from tests.ansible.loopback import folder

PASSWORD = "of no use outside this test"


class Server:
    """One PostgreSQL server, run by a user who may do nothing else."""

    def __init__(self, programs: Path, home: Path) -> None:
        self.programs, self.data = programs, home / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def as_postgres(self, *command: str | Path) -> list[str]:
        """The command, run by the user postgres where we are root: PostgreSQL refuses to be run by root."""
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        return [*(user if os.geteuid() == 0 else []), *map(str, command)]

    def create(self, password_file: Path) -> None:
        """Make the cluster, with one role that signs in by password."""
        words = ("--auth=scram-sha-256", "--username=konan", f"--pwfile={password_file}", "--no-sync")
        subprocess.run(
            self.as_postgres(self.programs / "initdb", "-D", self.data, *words),
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "shared_buffers": "16MB",
        }
        words = [f"--{name}={value}" for name, value in options.items()]
        self.process = subprocess.Popen(
            self.as_postgres(self.programs / "postgres", "-D", self.data, *words),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        ready = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + 60
        while subprocess.run(ready, check=False).returncode != 0:
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)

    def kill(self) -> None:
        """kill -9 of the server: what it had not flushed is gone, its children notice and end."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
            time.sleep(0.3)  # its children see that they are orphans

    def database(self) -> dict[str, Any]:
        """How a client connects."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "dbname": "postgres",
            "user": "konan",
            "password": PASSWORD,
            "connect_timeout": 2,
            "target_session_attrs": "read-write",
        }


@pytest.fixture(scope="session")
def programs() -> Path:
    """Where PostgreSQL's own programs are."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found or not shutil.which("pg_isready", path=str(found[-1].parent)):
        pytest.skip("not installed: PostgreSQL (Debian: postgresql, python3-psycopg2)")
    return found[-1].parent


@pytest.fixture
def server(programs: Path) -> Iterator[Server]:
    """A running server of its own, in a folder that its user gets at: pytest keeps its own folders to itself."""
    with folder("omi-drill-") as home:
        word = home / "password"
        word.write_text(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(home, "postgres")
            shutil.chown(word, "postgres")
        one = Server(programs, home)
        one.create(word)
        one.start()
        yield one
        one.kill()


class Here(Lab):
    """A lab whose every host is this machine."""

    def command(self, _host: str, words: str) -> list[str]:
        return ["sh", "-c", words.replace("python3", "/usr/bin/python3")]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    monkeypatch.setattr(terminals, "PLACE", str(tmp_path / "terminal"))
    monkeypatch.setattr(story, "AFTERWARDS", 0.3)
    cloud = load()
    return Here(cloud, plan(cloud), LabPaths(tmp_path / "lab"), tmp_path, lambda _: None)
