"""The reference services as they run on the hosts: gunicorn, HAProxy and PostgreSQL on loopback."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROLES = Path(__file__).parents[3] / "ansible" / "roles"
SERVICES = ("web_service", "business_system", "print_gateway")
sys.path[:0] = [str(ROLES / role / "files") for role in SERVICES]


def helper(name: str) -> Any:
    """A module of tests/ansible: under pytest's importlib mode they are no package."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


loopback = helper("loopback")
authority = helper("authority")

CITIES = {"konan": "湖南市", "kusatsu": "草津市"}
GROUPS = [
    {
        "name": "resident_records",
        "title": "住民記録系",
        "functions": 6,
        "named": ["住民基本台帳", "印鑑登録"],
    },
    {"name": "tax", "title": "税系", "functions": 12, "named": ["固定資産税"]},
]
PYTHONPATH = ":".join(str(ROLES / role / "files") for role in SERVICES)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The test authority, with certificates of the proxy, two hosts, three cities, and a stranger's."""
    ours = authority.Authority(tmp_path_factory.mktemp("pki"))
    ours.issue("dc-proxy1", "both", ["localhost", "dc-proxy1"])
    for name in ("dc-app1", "dc-app2", "dc-print1", "dc-drop1"):
        ours.issue(name, "both", [name, "localhost"])
    for city in (*CITIES, "nowhere"):
        ours.issue(city, "client", [], organization=city)
    strange = authority.Authority(ours.folder / "strange", "somebody else")
    strange.issue("konan", "client", [], organization="konan")
    return ours


@pytest.fixture(scope="session")
def database(certificates: Any) -> Iterator[Any]:
    """PostgreSQL with the databases of two cities."""
    with loopback.postgres(certificates.folder / "dc-proxy1") as server:
        for city in CITIES:
            for group in GROUPS:
                name = f"{city}_{group['name']}"
                server.sql(f"CREATE ROLE {name} LOGIN PASSWORD 'secret of {name}'")
                server.sql(f"CREATE DATABASE {name} OWNER {name}")
                server.sql(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
        yield server


@pytest.fixture(scope="session")
def settings(database: Any, certificates: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings' file of the business system."""
    path: Path = tmp_path_factory.mktemp("business") / "settings.json"
    connect = {
        "host": "localhost",
        "port": str(database.port),
        "sslmode": "verify-full",
        "sslrootcert": str(certificates.file),
        "connect_timeout": "2",
        "target_session_attrs": "read-write",
    }
    cities = [
        {
            "name": name,
            "title": title,
            "passwords": {g["name"]: f"secret of {name}_{g['name']}" for g in GROUPS},
        }
        for name, title in CITIES.items()
    ]
    content = {
        "proxies": ["dc-proxy1", "dc-proxy2"],
        "connect": connect,
        "cities": cities,
        "groups": GROUPS,
        "connections": 4,
        "patience_s": 10,
    }
    path.write_text(json.dumps(content))
    return path


@pytest.fixture(scope="session")
def migrated(settings: Path) -> str:
    """What the first migration said."""
    return migrate(settings)


def migrate(settings: Path) -> str:
    """Run the migration as Ansible does. Returns what it says."""
    done = subprocess.run(
        ["/usr/bin/python3", "-m", "omi_business.migrate"],
        env={"PYTHONPATH": PYTHONPATH, "OMI_BUSINESS": str(settings), "PATH": "/usr/bin:/bin"},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


class Service:
    """A host's gunicorn behind the HAProxy of role ``web_service``, by the options of its own unit."""

    def __init__(self, name: str, application: str, certificate: Path, log: Path, **environment: str) -> None:
        self.name, self.port, self.log = name, loopback.free_port(), log
        self._application, self._certificate = application, certificate
        self.environment = {"PYTHONPATH": PYTHONPATH, **environment}
        self.program: Any = None
        self._proxy: Any = None

    def place(self, folder: Path) -> None:
        """Put socket and configuration into ``folder``, and start HAProxy."""
        loopback.needs("gunicorn", "haproxy")
        self._web_service = {
            "name": self.name,
            "description": self.name,
            "address": "127.0.0.1",
            "port": self.port,
            "application": self._application,
            "user": "nobody",
            "threads": 8,
            "environment": {},
            "certificate": str(self._certificate),
            "socket": str(folder / f"{self.name}.sock"),
            "writable": [],
        }
        self._variables = {
            "web_service": self._web_service,
            "web_service_graceful_s": 10,
            "web_service_proxy_user": "",
        }
        configuration = folder / f"{self.name}.cfg"
        configuration.write_text(
            loopback.rendered("web_service", "etc/haproxy/haproxy.cfg.j2", **self._variables)
        )
        self._proxy = loopback.Program(
            ["/usr/sbin/haproxy", "-db", "-f", str(configuration)], folder / f"{self.name}.haproxy"
        )
        loopback.wait_until(lambda: loopback.listens(self.port), f"{self.name}'s HAProxy")

    def leave(self) -> None:
        """Stop HAProxy."""
        self._proxy.stop()

    def start(self) -> None:
        """Start gunicorn, and wait until its socket is there."""
        unit = loopback.rendered("web_service", "etc/systemd/system/service.service.j2", **self._variables)
        lines = unit.replace("\\\n", " ").splitlines()
        command = next(line for line in lines if line.startswith("ExecStart=")).removeprefix("ExecStart=")
        self.program = loopback.Program(command.split(), self.log, **self.environment)
        socket = Path(self._web_service["socket"])
        loopback.wait_until(lambda: loopback.accepts(socket), f"{self.name}'s gunicorn")

    def stop(self) -> None:
        """Stop gunicorn as systemd does."""
        self.program.stop()

    def kill(self) -> None:
        """End gunicorn and its worker at once."""
        process = self.program.process
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for pid in (process.pid, *map(int, children)):
            os.kill(pid, signal.SIGKILL)
        process.wait()


def business_host(name: str, certificates: Any, settings: Path, log: Path) -> Service:
    """An application host."""
    application = "omi_business.main:application()"
    return Service(name, application, certificates.folder / name, log, OMI_BUSINESS=str(settings))


@pytest.fixture(scope="session")
def applications(
    settings: Path,
    migrated: str,  # noqa: ARG001 - the tables have to be there
    certificates: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[Service]]:
    """Two application hosts."""
    logs = tmp_path_factory.mktemp("logs")
    hosts = [business_host(name, certificates, settings, logs / name) for name in ("dc-app1", "dc-app2")]
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(loopback.folder())
        for host in hosts:
            host.place(folder)
            stack.callback(host.leave)
            host.start()
            stack.callback(host.stop)
        yield hosts


@pytest.fixture(scope="session")
def proxy(
    applications: list[Service], certificates: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """HAProxy with the role's own configuration: ``.port`` and ``.socket``."""
    loopback.needs("haproxy")
    with loopback.folder() as path:
        port = loopback.free_port()
        servers = [
            {"name": a.name, "address": "127.0.0.1", "port": a.port, "backup": False} for a in applications
        ]
        bundle = certificates.folder / "dc-proxy1" / "bundle.pem"
        configuration = loopback.rendered(
            "business_proxy",
            "etc/haproxy/conf.d/20-business.cfg.j2",
            business_proxy_address="127.0.0.1",
            business_proxy_port=port,
            business_proxy_certificate=bundle,
            business_proxy_client_certificate=bundle,
            business_proxy_authority=certificates.file,
            business_proxy_socket=path / "admin.sock",
            business_proxy_check_ms=1000,
            business_proxy_slow_start_s=60,  # long enough to break something meanwhile
            business_proxy_servers=servers,
        )
        (path / "20-business.cfg").write_text(configuration)
        log = tmp_path_factory.mktemp("haproxy") / "log"
        with loopback.running(["/usr/sbin/haproxy", "-db", "-f", str(path)], log, port) as program:
            program.port, program.socket = port, path / "admin.sock"
            loopback.wait_until(lambda: serves(program, certificates), "the first answer through the proxy")
            # Until its first look at each, HAProxy takes none for surely up.
            loopback.wait_until(lambda: all(spared(program, a.name) for a in applications), "both hosts up")
            yield program


def tool(proxy: Any, *words: str) -> subprocess.CompletedProcess[str]:
    """What an operator's program at the proxies answers."""
    program = ROLES / "business_proxy" / "files" / "omi-business-servers"
    environment = {**os.environ, "OMI_BUSINESS_SOCKET": str(proxy.socket)}
    return subprocess.run(
        ["/usr/bin/python3", str(program), *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def spared(proxy: Any, name: str) -> bool:
    """Whether the host could be taken out of service: another one is up."""
    return tool(proxy, "refuse", name).returncode == 0


def serves(program: Any, certificates: Any) -> bool:
    """Whether a request of a city gets through."""
    client = loopback.Client(program.port, certificates.file, certificates.folder / "konan")
    return bool(client.ask("GET", "/").status == 200)


@pytest.fixture
def city(proxy: Any, certificates: Any) -> Any:
    """``city(name)``: that city's client at the proxy."""
    return lambda name: loopback.Client(proxy.port, certificates.file, certificates.folder / name)
