"""The authority's service as it runs (HAProxy, gunicorn) and hosts with certificates, for the tests of both."""

from __future__ import annotations

import datetime
import getpass
import grp
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import serialization

from tests.ansible.conftest import ROOT
from tests.ansible.loopback import free_port, listens, rendered
from tests.ansible.pki import authority, certificates, issued, key

ROLES = ROOT / "ansible" / "roles"
SERVICE = ROLES / "ca/files/usr/local/lib/certificate-authority"
RENEWAL = ROLES / "certificate/files/usr/local"
PROGRAMS = ("gunicorn", "haproxy")
MISSING = [name for name in PROGRAMS if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")]

NOW = datetime.datetime.now(datetime.UTC)
AUTHORITY, FOREIGN = authority(), authority()
SERVER = certificates.Request(
    "dc-db1", names=("dc-db1", "dc-proxy1"), addresses=("127.0.0.1",), usage="server"
)
CITY = certificates.Request("konan", "konan", usage="client")
DUE = NOW - datetime.timedelta(days=61)


class Running(NamedTuple):
    """The service; ``audit`` is its log."""

    port: int
    audit: Path
    denied: Path

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/renew"

    def entries(self) -> list[dict[str, Any]]:
        return (
            [json.loads(line) for line in self.audit.read_text().splitlines()] if self.audit.exists() else []
        )


def key_text(private: Any) -> str:
    """A private key as text."""
    private_format = serialization.PrivateFormat.PKCS8
    raw: bytes = private.private_bytes(
        serialization.Encoding.PEM, private_format, serialization.NoEncryption()
    )
    return raw.decode()


def folder(root: Path, name: str, request: Any, at: datetime.datetime, by: Any = AUTHORITY) -> Path:
    """A host's certificate as role certificate leaves it."""
    place, private = root / name, key()
    place.mkdir(parents=True)
    text = certificates.pem(issued(by, request, private, at))
    (place / "key.pem").write_text(key_text(private))
    (place / "key.pem").chmod(0o600)
    (place / "certificate.pem").write_text(text)
    (place / "bundle.pem").write_text(key_text(private) + text)
    (place / "bundle.pem").chmod(0o600)
    trusted = certificates.pem(AUTHORITY.certificate)
    (place / "authority.pem").write_text(trusted)
    (root / "authority.pem").write_text(trusted)
    owner = {"owner": getpass.getuser(), "group": grp.getgrgid(os.getgid()).gr_name}
    (place / "request.json").write_text(json.dumps({**owner, "reload": []}))
    return place


def wait_for(condition: Any, processes: list[subprocess.Popen[bytes]]) -> None:
    """Until it holds; fails where a process has ended instead, or after 20 s."""
    for _ in range(200):
        assert all(process.poll() is None for process in processes), "a program ended at its start"
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("the service did not come up in 20 s")


@contextmanager
def running_service(place: Path) -> Iterator[Running]:
    """The real programs with the role's own configuration."""
    (place / "authority_key").write_text(key_text(AUTHORITY.key))
    own = folder(place / "pki", "ca", SERVER, NOW)
    running = Running(free_port(), place / "audit.log", place / "denied")
    configuration = rendered(
        "ca",
        "etc/haproxy/haproxy.cfg.j2",
        ca_bind=f"127.0.0.1:{running.port}",
        ca_bundle=own / "bundle.pem",
        ca_trusted=own / "authority.pem",
        ca_socket=place / "socket",
    )
    kept = [line for line in configuration.splitlines() if line.split()[:1] not in (["user"], ["group"])]
    (place / "haproxy.cfg").write_text("\n".join(kept) + "\n")
    environment = {
        "PATH": f"{os.environ['PATH']}:/usr/sbin",
        "PYTHONPATH": f"{ROOT / 'ansible/module_utils'}:{ROOT / 'ansible/pki'}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "CREDENTIALS_DIRECTORY": str(place),
        "LOGS_DIRECTORY": str(place),
        "CA_TRUSTED": str(own / "authority.pem"),
        "CA_DENIED": str(running.denied),
    }
    gunicorn = ["gunicorn", "--bind", f"unix:{place / 'socket'}", "--chdir", SERVICE, "service:application()"]
    processes = [
        subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        for command in (gunicorn, ["haproxy", "-db", "-q", "-f", place / "haproxy.cfg"])
    ]
    try:
        wait_for(lambda: (place / "socket").exists() and listens(running.port), processes)
        yield running
    finally:
        for process in processes:
            process.terminate()
            process.wait(20)


def program(name: str, root: Path, *arguments: str, url: str = "") -> subprocess.CompletedProcess[str]:
    """A host's program, run by the Python that hosts have where there is one with cryptography."""
    environment = {
        "PATH": os.environ["PATH"],
        "CERTIFICATE_AUTHORITY": url,
        "OMI_PKI_LIBRARY": str(RENEWAL / "lib/omi-pki"),
        "PYTHONPATH": str(ROOT / "ansible/module_utils"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [python_of_hosts(), RENEWAL / "sbin" / name, "--root", root, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def python_of_hosts() -> str:
    """Debian's Python if it has the library, else this one."""
    known = subprocess.run(
        ["/usr/bin/python3", "-c", "import cryptography"], capture_output=True, check=False
    )
    return sys.executable if known.returncode else "/usr/bin/python3"


def renew(root: Path, url: str) -> subprocess.CompletedProcess[str]:
    """What the timer starts."""
    (root / "metrics").mkdir(exist_ok=True)
    return program("certificate-renew", root, "--metrics", str(root / "metrics/certificates.prom"), url=url)


def loaded(place: Path) -> Any:
    """The certificate that is there now."""
    return certificates.load(None, (place / "certificate.pem").read_text())[1]
