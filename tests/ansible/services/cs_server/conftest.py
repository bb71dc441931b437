"""The CS server of one host on loopback: the real PostgreSQL, gunicorn and nginx, certificates from openssl.

A city calls from an address of its own inside 127.0.0.0/8, so that who may call from where is real as well.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pytest
from ruamel.yaml import YAML

from tests.ansible import loopback
from tests.ansible.loopback import free_port, rendered, wait_until

ROLE = Path(__file__).parents[4] / "ansible" / "roles" / "cs_server"
SOURCE = ROLE / "files"
SHARED = ROLE.parent / "web_service" / "files"
NETWORKS = {"konan": "127.5.0.0/16", "yasu": "127.4.0.0/16"}
"""The entitled cities. Kusatsu has a certificate, but is not one of them."""
ADDRESSES = {"konan": "127.5.0.1", "yasu": "127.4.0.1", "kusatsu": "127.1.0.1"}
PROGRAMS = ("/usr/sbin/nginx", "/usr/bin/gunicorn", "/usr/bin/openssl")
REQUESTS = 8
"""What nginx lets through at once; few, so that a test can fill it."""


def postgres_folder() -> Path | None:
    """Where Debian keeps PostgreSQL's own programs."""
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@pytest.fixture(scope="session", autouse=True)
def _installed() -> None:
    missing = [program for program in PROGRAMS if not Path(program).exists()]
    if missing or not postgres_folder() or os.geteuid():
        pytest.skip(
            "needs root, and Debian's nginx-light, gunicorn, postgresql, openssl and python3-psycopg2"
        )


def run(*command: str | Path, **options: Any) -> str:
    """What a command prints. Raises CalledProcessError."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


@contextmanager
def started(*command: str | Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program in the foreground, ended with the block."""
    process = subprocess.Popen(list(map(str, command)), **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Authority:
    """A certificate authority in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.certificate = folder / "authority.pem"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

    def openssl(self, *arguments: str) -> None:
        """Make the authority's own key pair."""
        out = ("-keyout", "authority.key", "-out", "authority.pem", "-subj", "/CN=authority", "-days", "30")
        run("openssl", *arguments, *out, cwd=self.folder)

    def issue(
        self, name: str, subject: str, *, usage: str = "clientAuth", begins: int = -1, ends: int = 30
    ) -> Path:
        """A folder with key.pem, certificate.pem and authority.pem; valid from day to day, counted from now."""
        folder = self.folder / name
        folder.mkdir()
        (folder / "extensions").write_text(
            f"extendedKeyUsage={usage}\nsubjectAltName=DNS:dc-cs,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"
        )
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        run(
            "openssl",
            "req",
            *curve,
            "-keyout",
            "key.pem",
            "-out",
            "request.pem",
            "-subj",
            subject,
            cwd=folder,
        )
        (folder / "index.txt").touch()
        (folder / "openssl.cnf").write_text(
            "[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\n"
            "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\norganizationName=optional\n"
        )
        when = [
            time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 86400 * day)) for day in (begins, ends)
        ]
        authority = ("-cert", "../authority.pem", "-keyfile", "../authority.key", "-extfile", "extensions")
        files = ("-config", "openssl.cnf", "-in", "request.pem", "-out", "certificate.pem")
        dates = ("-startdate", when[0], "-enddate", when[1])
        run("openssl", "ca", "-batch", "-notext", *files, *authority, *dates, cwd=folder)
        shutil.copyfile(self.certificate, folder / "authority.pem")
        return folder


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The cloud's own authority."""
    return Authority(tmp_path_factory.mktemp("pki") / "own")


@pytest.fixture(scope="session")
def foreign_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Somebody else's, which calls itself the same."""
    return Authority(tmp_path_factory.mktemp("pki") / "foreign")


@pytest.fixture(scope="session")
def cards(authority: Authority) -> dict[str, Path]:
    """A valid certificate for each city."""
    return {city: authority.issue(city, f"/O={city}/CN={city}") for city in ADDRESSES}


class Database:
    """A PostgreSQL server of its own, that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        owner = pwd.getpwnam("postgres")
        folder.mkdir()
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        self.run("initdb", "--auth=trust", "--username=postgres", "--no-sync", folder / "data")

    def run(self, program: str, *arguments: str | Path) -> str:
        """What one of PostgreSQL's programs prints."""
        folder = postgres_folder()
        assert folder is not None
        return run(
            "setpriv",
            "--reuid=postgres",
            "--regid=postgres",
            "--clear-groups",
            folder / program,
            *arguments,
            cwd=self.folder,
        )

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self.run(
            "pg_ctl", "-D", self.folder / "data", "-w", "-o", options, "-l", self.folder / "log", "start"
        )

    def stop(self) -> None:
        """Stop as a crash does."""
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")

    def sql(self, text: str, user: str = "postgres", database: str = "shared_cs") -> str:
        """What ``text`` answers, rows by line, columns by ``|``; the server's complaint if it refuses."""
        done = subprocess.run(
            ["psql", "-h", str(self.folder), "-p", str(self.port), "-U", user, "-d", database, "-XAtq"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that the programs' own users can pass through, which pytest's are not."""
    with loopback.folder("omi-cs-") as made:
        yield made


@pytest.fixture(scope="session")
def database(folder: Path) -> Iterator[Database]:
    """A database with the roles the cluster gives it and the service's schema, made twice."""
    server = Database(folder / "postgres")
    server.start()
    server.sql(
        "CREATE ROLE shared_cs LOGIN; CREATE ROLE shared_cs_app LOGIN; CREATE DATABASE shared_cs OWNER shared_cs",
        database="postgres",
    )
    schema = (SOURCE / "omi_cs" / "schema.sql").read_text()
    for _ in range(2):
        complaints = server.sql(schema, user="shared_cs")
        assert "ERROR" not in complaints, complaints
    yield server
    if (server.folder / "data" / "postmaster.pid").exists():
        server.stop()


class Answer(NamedTuple):
    """What came back."""

    status: int
    content: dict[str, Any]


class Service:
    """nginx and gunicorn with the role's own configuration."""

    def __init__(self, folder: Path, port: int, cards: dict[str, Path]) -> None:
        self.folder = folder
        self.port = port
        self.cards = cards
        self.gunicorn = 0
        """The number of the service's first process."""

    def signal(self, what: int) -> None:
        """Send a signal to all of the service's processes, as ``systemctl kill`` does."""
        workers = Path(f"/proc/{self.gunicorn}/task/{self.gunicorn}/children").read_text().split()
        for process in (self.gunicorn, *map(int, workers)):
            os.kill(process, what)

    def ask(self, city: str, method: str, path: str, body: Any = None, **how: Any) -> Answer:
        """One request with the certificate in ``how["card"]`` (or the city's own), from the city's address."""
        card = how.get("card", self.cards.get(city))
        context = ssl.create_default_context(cafile=str(self.cards["konan"] / "authority.pem"))
        if card:
            context.load_cert_chain(card / "certificate.pem", card / "key.pem")
        address = how.get("address", ADDRESSES[city])
        connection = HTTPSConnection(
            "127.0.0.1", self.port, context=context, timeout=20, source_address=(address, 0)
        )
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection.request(method, path, body=data, headers=how.get("headers", {}))
        response = connection.getresponse()
        content = json.loads(response.read())
        connection.close()
        return Answer(response.status, content)

    def post(self, city: str, identifier: str, content: str = "text", **how: Any) -> Answer:
        """Send a message."""
        return self.ask(city, "POST", "/messages", {"id": identifier, "content": content}, **how)

    def acknowledge(self, city: str, *identifiers: str) -> Answer:
        """Take messages out of the queue."""
        return self.ask(city, "POST", "/messages/acknowledge", {"ids": identifiers})

    def waiting(self, city: str) -> list[str]:
        """Identifiers in the city's queue."""
        answer = self.ask(city, "GET", "/messages?limit=1000")
        assert answer.status == 200
        return [message["id"] for message in answer.content["messages"]]

    wait_until = staticmethod(wait_until)

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The lines in a log: ``access`` is nginx', ``journal`` the service's."""
        text = (self.folder / name).read_text()
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def known(folder: Path, authority: Authority, database: Database) -> dict[str, Any]:
    """The role's variables, with this machine's paths and ports."""
    yaml = YAML(typ="safe")
    database_string = f"port={database.port} dbname=shared_cs user=shared_cs_app"
    return {
        **yaml.load(ROLE / "defaults" / "main.yml"),
        **yaml.load(ROLE / "vars" / "main.yml"),
        "inventory_hostname": "dc-cs1",
        "cs": {"cities": NETWORKS},
        "cs_server_run": str(folder),
        "cs_server_pid": str(folder / "nginx.pid"),
        "cs_server_pki": str(authority.issue("server", "/CN=dc-cs1", usage="serverAuth")),
        "cs_server_port": free_port(),
        "cs_server_ready_port": free_port(),
        "cs_server_access_log": str(folder / "access"),
        "cs_server_error_log": str(folder / "error"),
        "cs_server_requests": REQUESTS,
        "cs_server_threads": REQUESTS + 4,
        # The first one takes connections and closes them, as a proxy does without a primary behind it.
        "cs_server_hosts": ["127.0.0.2", str(database.folder)],
        "cs_server_database": database_string,
    }


@pytest.fixture(scope="session", autouse=True)
def _closing_proxy(database: Database) -> Iterator[None]:
    """A listener that takes each connection and closes it."""
    with socket.create_server(("127.0.0.2", database.port)) as listener:

        def close_each() -> None:
            with suppress(OSError):
                while True:
                    listener.accept()[0].close()

        threading.Thread(target=close_each, daemon=True).start()
        yield


@pytest.fixture(scope="session")
def service(
    folder: Path, cards: dict[str, Path], authority: Authority, database: Database
) -> Iterator[Service]:
    """The service, ready."""
    variables = known(folder, authority, database)
    (folder / "settings.json").write_text(rendered("cs_server", "etc/omi/cs/settings.json.j2", **variables))
    (folder / "nginx.conf").write_text(rendered("cs_server", "etc/nginx/nginx.conf.j2", **variables))
    (folder / "ready").write_text(rendered("cs_server", "usr/local/lib/omi/cs-ready.j2", **variables))
    arguments = jinja2.Template(variables["cs_server_gunicorn"]).render(**variables).split()
    environment = {
        **os.environ,
        "OMI_CS_SETTINGS": str(folder / "settings.json"),
        "PYTHONPATH": str(SHARED),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    gunicorn = (
        "/usr/bin/gunicorn",
        "--umask",
        "0",
        "--chdir",
        SOURCE,
        *arguments,
        "omi_cs.application:create()",
    )
    nginx = ("/usr/sbin/nginx", "-c", folder / "nginx.conf", "-g", "daemon off;")
    with (
        (folder / "journal").open("wb") as out,
        started(*gunicorn, stdout=out, env=environment) as process,
        started(*nginx),
    ):
        ready = lambda: subprocess.run(["bash", folder / "ready"], check=False).returncode == 0  # noqa: E731
        wait_until(ready, "the service is ready")
        made = Service(folder, variables["cs_server_port"], cards)
        made.gunicorn = process.pid
        yield made
