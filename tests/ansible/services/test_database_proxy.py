"""The databases' proxy on loopback: a primary that is only slow keeps its sessions, one that is none loses them."""

from __future__ import annotations

import http.server
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from .conftest import loopback

NODE, PROXY = "127.0.71.1", "127.0.71.2"
"""Addresses of the loopback network: the ports are those of the lab."""
SLOW_S = 1.5
"""As long as Patroni has taken to answer on a busy host."""
WATCHED_S = 6
"""Enough for two checks that are waited for a second each, and for three that are refused."""


class Patroni(http.server.BaseHTTPRequestHandler):
    """Says whether it is the primary, after as long as the test says."""

    status, takes_s = 200, 0.0

    def do_HEAD(self) -> None:
        time.sleep(type(self).takes_s)
        self.send_response(type(self).status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Echo(socketserver.BaseRequestHandler):
    """What stands for PostgreSQL: it answers what it hears."""

    def handle(self) -> None:
        while heard := self.request.recv(100):
            self.request.sendall(heard)


@pytest.fixture
def patroni(certificates: Any) -> Iterator[type[Patroni]]:
    """A node with its database. The test changes the class's ``status`` and ``takes_s``."""
    folder = certificates.folder / "dc-db1"
    if not folder.is_dir():
        certificates.issue("dc-db1", "server", ["dc-db1"])
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    handler = type("Node", (Patroni,), {})
    with ExitStack() as ends:
        asked = ends.enter_context(http.server.ThreadingHTTPServer((NODE, 8008), handler))
        asked.socket = tls.wrap_socket(asked.socket, server_side=True, do_handshake_on_connect=False)
        data = ends.enter_context(socketserver.ThreadingTCPServer((NODE, 5432), Echo))
        data.daemon_threads = asked.daemon_threads = True
        for server in (asked, data):
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            ends.callback(server.shutdown)
        yield handler


@pytest.fixture
def session(patroni: type[Patroni], certificates: Any, tmp_path: Path) -> Iterator[socket.socket]:
    """A session at the database by way of the proxy, as the lab's are configured."""
    loopback.needs("haproxy")
    assert patroni.status == 200
    shared = loopback.rendered(
        "database_proxy",
        "etc/haproxy/haproxy.cfg.j2",
        database_proxy_connections=50,
        management={"address": PROXY},
    )
    own = loopback.rendered(
        "database_proxy",
        "etc/haproxy/conf.d/10-databases.cfg.j2",
        database_proxy_address=PROXY,
        database_proxy_idle="1h",
        database_proxy_alive_idle="10s",
        database_proxy_alive_every="5s",
        database_proxy_alive_times=3,
        database_proxy_decided=[],
        database_proxy_first=[{"name": "dc-db1", "address": NODE}],
    ).replace("/etc/omi/pki/authority.pem", str(certificates.file))
    defaults = "defaults" + shared.split("\ndefaults")[1].split("\nfrontend")[0]
    configuration = tmp_path / "haproxy.cfg"
    configuration.write_text(f"global\n  maxconn 50\n\n{defaults}\n\n{own}")
    program = loopback.Program(["/usr/sbin/haproxy", "-db", "-f", str(configuration)], tmp_path / "log")
    try:
        loopback.wait_until(speaks, "a session through the proxy")
        time.sleep(1.5)  # what HAProxy is sure of only after its first check
        with socket.create_connection((PROXY, 5432), timeout=3) as connection:
            assert is_whole(connection), program.said()
            yield connection
    finally:
        program.stop()


def speaks() -> bool:
    """Whether a new session is answered."""
    try:
        with socket.create_connection((PROXY, 5432), timeout=1) as connection:
            return is_whole(connection)
    except OSError:
        return False


def is_whole(connection: socket.socket) -> bool:
    """Whether the database at the other end still answers on this very session."""
    try:
        connection.sendall(b"?")
        return connection.recv(1) == b"?"
    except OSError:
        return False


def ends_within(connection: socket.socket, seconds: float) -> bool:
    """Whether the session is cut in this time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_whole(connection):
            return True
        time.sleep(0.1)
    return False


def test_a_primary_that_is_slow_to_say_so_keeps_its_sessions(
    session: socket.socket, patroni: type[Patroni]
) -> None:
    """Cut, they would all come back at once, to a host that is slow because it has too much to do."""
    patroni.takes_s = SLOW_S
    assert not ends_within(session, WATCHED_S)


def test_a_node_that_says_it_is_no_primary_loses_its_sessions(
    session: socket.socket, patroni: type[Patroni]
) -> None:
    patroni.status = 503
    assert ends_within(session, WATCHED_S)


def test_a_node_that_never_answers_loses_its_sessions(session: socket.socket, patroni: type[Patroni]) -> None:
    """Two checks, each waited for as long as it may take."""
    patroni.takes_s = 60
    assert ends_within(session, 3 * WATCHED_S)
