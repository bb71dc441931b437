"""The real programs on loopback: Debian's own, started as plain processes in a folder that goes away with the test.

A test that needs a program the machine does not have is skipped, and says which.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import pytest

ROOT = Path(__file__).parents[2]
ROLES = ROOT / "ansible" / "roles"
POSTGRES = Path("/usr/lib/postgresql/15/bin")
STARTING_S = 20


def needs(*programs: str) -> None:
    """Skip the test where a program is missing."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:{POSTGRES}"
    missing = [program for program in programs if not shutil.which(program, path=path)]
    if missing:
        pytest.skip(f"needs Debian's {', '.join(missing)}")


def open_to_all(path: Path) -> bool:
    """Whether every user of the machine can enter ``path``: it and all above it grant x to others."""
    return all(one.stat().st_mode & 0o001 for one in (path, *path.parents))


def shared_base() -> Path:
    """A folder for temporary files that programs run by another user can reach.

    $TMPDIR may lie below a folder that only its owner can enter, such as root's home; then it is /tmp or /var/tmp.
    Skips the test where there is none.
    """
    for base in (Path(tempfile.gettempdir()).resolve(), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 - a folder inside
        if base.is_dir() and open_to_all(base):
            return base
    pytest.skip("needs a folder for temporary files that other users can enter: /tmp")


@contextlib.contextmanager
def folder(prefix: str = "omi-") -> Iterator[Path]:
    """A short-named folder that other users of the machine can look through (a socket's path is 107 bytes)."""
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=shared_base()))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def free_port() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def rendered(role: str, template: str, **variables: Any) -> str:
    """A role's template, as Ansible renders it."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROLES / role / "templates"),
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - configuration files, not pages
    )
    environment.filters["to_nice_json"] = json.dumps  # Ansible's, but for the spaces
    return environment.get_template(template).render(**variables)


def wait_until(happens: Callable[[], bool], what: str, seconds: float = STARTING_S) -> None:
    """Wait for ``happens``. Fails the test where it does not in time."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds} s"
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Whether somebody accepts connections on ``port``."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def accepts(path: Path) -> bool:
    """Whether somebody accepts connections on the socket at ``path``."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


class Program:
    """A program that runs until it is stopped; what it says goes to a file."""

    def __init__(self, command: list[str], log: Path, **environment: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=output, env={**os.environ, **environment}
            )

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End it and wait. Returns its status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=STARTING_S)

    def said(self) -> str:
        """Its output so far."""
        return self.log.read_text(errors="replace")


@contextlib.contextmanager
def running(command: list[str], log: Path, port: int, **environment: str) -> Iterator[Program]:
    """``command`` from when it listens on ``port``."""
    program = Program(command, log, **environment)
    try:
        wait_until(lambda: listens(port) or program.process.poll() is not None, command[0])
        assert program.process.poll() is None, program.said()
        yield program
    finally:
        program.stop()


@dataclass
class Database:
    """A running PostgreSQL."""

    folder: Path
    port: int
    as_owner: list[str]
    program: Program | None = None

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What psql prints for ``statement``, as the superuser."""
        command = ["psql", "-XqtA", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-p", str(self.port)]
        done = subprocess.run(
            [*self.as_owner, *command, "-d", database, "-c", statement],
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ["-p", str(self.port), "-k", str(self.folder)]
        self.program = Program(
            [*self.as_owner, str(POSTGRES / "postgres"), "-D", str(self.folder / "data"), *options],
            self.folder / "log",
        )
        wait_until(self._answers, "PostgreSQL")

    def stop(self) -> None:
        """Stop it at once, as in an accident: connections break."""
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGINT)
        if self.program:
            self.program.process.wait(timeout=STARTING_S)

    def _answers(self) -> bool:
        try:
            return self.sql("SELECT 1") == "1"
        except subprocess.CalledProcessError:
            return False


@contextlib.contextmanager
def postgres(certificate: Path) -> Iterator[Database]:
    """A PostgreSQL on 127.0.0.1 that asks for TLS and passwords, without fsync."""
    needs("initdb", "psql")
    with folder() as path:
        as_owner: list[str] = []
        if os.geteuid() == 0:
            as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
            shutil.chown(path, "postgres", "postgres")
        database = Database(path, free_port(), as_owner)
        command = [str(POSTGRES / "initdb"), "-D", str(path / "data"), "-A", "peer", "-E", "UTF8", "-N"]
        subprocess.run(
            [*as_owner, *command, "--locale=C.UTF-8", "-U", "postgres"], check=True, capture_output=True
        )
        for name, mode in (("key.pem", 0o600), ("certificate.pem", 0o644)):
            shutil.copy(certificate / name, path / "data" / name)
            (path / "data" / name).chmod(mode)
            if as_owner:
                shutil.chown(path / "data" / name, "postgres", "postgres")
        with (path / "data" / "postgresql.conf").open("a") as settings:
            settings.write("ssl = on\nssl_cert_file = 'certificate.pem'\nssl_key_file = 'key.pem'\n")
            settings.write("fsync = off\nmax_connections = 60\nlisten_addresses = '127.0.0.1'\n")
        access = "local all postgres peer\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
        if not as_owner:
            access = access.replace("peer", "trust")
        (path / "data" / "pg_hba.conf").write_text(access)
        database.start()
        try:
            yield database
        finally:
            database.stop()


@dataclass
class Answer:
    """What a server answered."""

    status: int
    body: bytes
    headers: dict[str, str]

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Client:
    """Asks a server on loopback, each time on a new connection, with a certificate or without one."""

    port: int
    authority: Path
    certificate: Path | None = None
    timeout_s: float = 20

    def context(self) -> ssl.SSLContext:
        """How the client verifies and identifies itself."""
        context = ssl.create_default_context(cafile=str(self.authority))
        if self.certificate:
            context.load_cert_chain(self.certificate / "certificate.pem", self.certificate / "key.pem")
        return context

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """The answer; ``body`` is sent as it is if it is bytes, as JSON otherwise. Raises OSError."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = http.client.HTTPSConnection(
            "localhost", self.port, context=self.context(), timeout=self.timeout_s
        )
        with contextlib.closing(connection):
            connection.request(method, path, content, headers or {})
            response = connection.getresponse()
            headers = {name.title(): value for name, value in response.getheaders()}
            return Answer(response.status, response.read(), headers)
