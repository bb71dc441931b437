"""A cluster, its repository and what is between them, on loopback: the real programs, in a folder of their own."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.ansible.loopback import folder as shared_folder
from tests.ansible.loopback import free_port, listens, wait_until

ROLES = Path(__file__).parents[2] / "ansible" / "roles"
PROGRAM = ROLES / "backup_program" / "files"
PUSH = ROLES / "backup_client" / "files" / "pgbackrest_push.py"
POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
sys.path.insert(0, str(PROGRAM))

USER = "postgres" if os.geteuid() == 0 else getpass.getuser()
PASS = "only the repository's host knows this"


def run(*command: object, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run as the database's user."""
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
        user=USER if os.geteuid() == 0 else None,
        group=USER if os.geteuid() == 0 else None,
        cwd="/",
        env={"PATH": f"{POSTGRESQL}:/usr/bin:/bin", "LC_ALL": "C", **environment},
    )
    assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done


@dataclass
class Node:
    """A PostgreSQL in ``folder``, with pgBackRest's client configuration beside it."""

    folder: Path
    config: Path
    port: int

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.folder / "data"

    @property
    def push(self) -> Path:
        """The archive program: a copy, because its user may not be able to read the checkout."""
        return self.config.with_name(PUSH.name)

    @property
    def archive_command(self) -> str:
        """How PostgreSQL calls it."""
        return f"OMI_PGBACKREST={self.config} python3 -I {self.push} %p"

    def start(self) -> None:
        """Start, and wait until it answers."""
        run("pg_ctl", "-w", "-D", self.data, "-l", self.folder / "log", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop, if it runs."""
        run("pg_ctl", "-D", self.data, "-m", mode, "stop", check=False)

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What ``statement`` answers."""
        where = f"host={self.folder} port={self.port} dbname={database} user={USER}"
        return run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement, where).stdout.strip()


@dataclass
class Loopback:
    """Everything, below ``folder``."""

    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def repository(self) -> Path:
        """pgBackRest's."""
        return self.folder / "repository"

    def pgbackrest(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """pgBackRest as the repository's host runs it."""
        config = f"--config={self.folder / 'store.conf'}"
        return run("pgbackrest", config, "--stanza=omi", "--log-level-console=warn", *words, check=check)

    def serve(self, config: Path) -> None:
        """Run a pgBackRest server until the end."""
        demote = {"user": USER, "group": USER} if os.geteuid() == 0 else {}
        log = (self.folder / f"{config.stem}.server.log").open("wb")
        command = ["pgbackrest", f"--config={config}", "server"]
        self.servers.append(subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **demote))


def certificates(folder: Path, names: list[str]) -> None:
    """An authority and a key pair for each name, good for loopback."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    own = [
        "-x509",
        "-keyout",
        folder / "authority.key",
        "-out",
        folder / "authority.pem",
        "-subj",
        "/CN=authority",
    ]
    run("openssl", "req", *curve, *own)
    for name in names:
        asked, extra = folder / f"{name}.csr", folder / f"{name}.ext"
        run(
            "openssl", "req", *curve, "-keyout", folder / f"{name}.key", "-out", asked, "-subj", f"/CN={name}"
        )
        extra.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        signer = ["-CA", folder / "authority.pem", "-CAkey", folder / "authority.key", "-CAcreateserial"]
        run(
            "openssl",
            "x509",
            "-req",
            "-in",
            asked,
            *signer,
            "-extfile",
            extra,
            "-out",
            folder / f"{name}.pem",
        )
        (folder / f"{name}.key").chmod(0o600)


def tls(folder: Path, prefix: str, name: str) -> list[str]:
    """pgBackRest's three options for a certificate."""
    return [
        f"{prefix}-ca-file={folder / 'authority.pem'}",
        f"{prefix}-cert-file={folder / f'{name}.pem'}",
        f"{prefix}-key-file={folder / f'{name}.key'}",
    ]


def server(folder: Path, name: str, port: int, admits: str) -> list[str]:
    """pgBackRest's options for its server."""
    where = ["tls-server-address=127.0.0.1", f"tls-server-port={port}", f"tls-server-auth={admits}=omi"]
    return where + tls(folder, "tls-server", name)


def make(folder: Path) -> tuple[Loopback, Node]:
    """Everything but certificates and data, not yet running."""
    shutil.copyfile(PUSH, folder / PUSH.name)
    (folder / PUSH.name).chmod(0o644)
    loop = Loopback(folder, {name: free_port() for name in ("store", "db", "postgresql")})
    node = Node(folder / "node", folder / "db.conf", loop.ports["postgresql"])
    for name in ("repository", "node", "spool", "log", "lock-db", "lock-store"):
        (folder / name).mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(folder / name, USER, USER)
    common = ["compress-type=zst", f"log-path={folder / 'log'}"]
    cluster = [f"pg1-path={node.data}", f"pg1-port={node.port}", f"pg1-socket-path={node.folder}"]
    secret = [f"repo1-path={loop.repository}", "repo1-cipher-type=aes-256-cbc", f"repo1-cipher-pass={PASS}"]
    write(
        folder / "store.conf",
        [
            "[global]",
            *common,
            *secret,
            "repo1-retention-full=2",
            "start-fast=y",
            f"lock-path={folder / 'lock-store'}",
        ],
        server(folder, "store", loop.ports["store"], "db"),
        ["[omi]", "pg1-host=localhost", "pg1-host-type=tls", f"pg1-host-port={loop.ports['db']}", *cluster],
        [f"pg1-host-config={folder / 'db.conf'}", *tls(folder, "pg1-host", "store")],
    )
    write(
        folder / "db.conf",
        ["[global]", *common, "repo1-host=localhost", "repo1-host-type=tls"],
        [f"repo1-host-port={loop.ports['store']}", f"repo1-host-config={folder / 'store.conf'}"],
        [*tls(folder, "repo1-host", "db"), f"spool-path={folder / 'spool'}", "archive-async=y"],
        [f"lock-path={folder / 'lock-db'}", "archive-push-queue-max=1GB", "archive-timeout=5"],
        server(folder, "db", loop.ports["db"], "store"),
        ["[omi]", *cluster],
    )
    write(folder / "restore.conf", ["[global]", *secret, "[omi]"])
    return loop, node


def write(path: Path, *parts: list[str]) -> None:
    """A file of lines that the database's user alone can read."""
    path.write_text("\n".join(line for part in parts for line in part) + "\n")
    path.chmod(0o600)
    if os.geteuid() == 0:
        shutil.chown(path, USER, USER)


def configure(node: Node) -> None:
    """Let the fresh cluster archive by our program."""
    settings = [
        f"port = {node.port}",
        "listen_addresses = ''",
        f"unix_socket_directories = '{node.folder}'",
        "archive_mode = on",
        f"archive_command = '{node.archive_command}'",
        "fsync = off",
        "wal_level = replica",
        "wal_log_hints = on",
        "max_connections = 60",
    ]
    with (node.data / "postgresql.conf").open("a") as file:
        file.write("\n".join(settings) + "\n")


@contextlib.contextmanager
def served(loop: Loopback, node: Node) -> Iterator[None]:
    """The cluster and both pgBackRest servers run until the end."""
    try:
        node.start()
        for name in ("store", "db"):
            loop.serve(loop.folder / f"{name}.conf")
        until(lambda: all(listens(loop.ports[name]) for name in ("store", "db")))
        yield
    finally:
        node.stop("immediate")
        for process in loop.servers:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """A folder of the database's user."""
    with shared_folder("omi-backup-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, USER, USER)
        yield folder


@pytest.fixture
def loopback() -> Iterator[tuple[Loopback, Node]]:
    """A running cluster with its stanza made; everything is stopped and removed at the end.

    Made anew for each test: a copy of a cluster that has run brings archived log along, and tests look at just that.
    """
    missing = [name for name in ("pgbackrest", "openssl") if not shutil.which(name)]
    if missing or not (POSTGRESQL / "initdb").exists():
        pytest.skip(f"not installed: {', '.join(missing) or 'PostgreSQL 15'}")
    with own_folder() as folder:
        loop, node = make(folder)
        certificates(folder, ["store", "db"])
        run("initdb", "-k", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8", "-U", USER, "-D", node.data)
        configure(node)
        with served(loop, node):
            until(lambda: loop.pgbackrest("stanza-create", check=False).returncode == 0)
            yield loop, node


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for ``holds()``."""
    wait_until(holds, "it", seconds)


@pytest.fixture
def settings(loopback: tuple[Loopback, Node]) -> object:
    """What the jobs on the repository's host are told."""
    from omi_backup.settings import DatabaseSettings

    loop, node = loopback
    return DatabaseSettings(
        limits={
            "full": {"every": 600, "red_after": 3600},
            "backup": {"every": 600, "red_after": 3600},
            "archived": {"every": 60, "red_after": 600},
            "verified": {"every": 600, "red_after": 3600},
            "restored": {"every": 600, "red_after": 3600},
        },
        connection=f"host={node.folder} port={node.port} user={USER}",
        repository=loop.repository,
        sealed=loop.folder / "sealed",
        config=loop.folder / "store.conf",
        restore_config=loop.folder / "restore.conf",
        scratch=loop.folder / "scratch",
        records=loop.folder / "records",
        state=loop.folder / "state.json",
        metrics=loop.folder / "metrics" / "omi_backup.prom",
        user=USER,
    )
