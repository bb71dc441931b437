"""The store of profiles: one archive a person, fetched at sign-in and written back. Standard library only.

POST /open {person, token, lease}   200 and the archive, with X-Lease; 204 if the host has it already;
                                    403 wrong token; 423 another host has it
PUT  /profile/PERSON   X-Lease      204; 409 the lease is lost
POST /close/PERSON     X-Lease      204; 409
POST /alive {leases: {person: key}} 200 {lost, wanted}

Callers are session hosts with a certificate of their own. A host gets the profile only of somebody who signs in
there: ``token`` is made from the person's password. Where a profile lies follows from the list of people, never from
what a caller says. Why: docs/decisions/0083.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import ssl
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

from leases import InUseError, Leases

BLOCK = 1 << 20
SILENCE = 30
"""Seconds after which a caller that says nothing is cut off."""
PENALTY = 1.0
"""Seconds that a wrong password costs."""


class RefusedError(Exception):
    """The answer is this status and these words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Store:
    """Profiles and leases on disk. Every public function may be called from several threads."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.folder = Path(settings["folder"])
        self.people: dict[str, dict[str, str]] = settings["people"]
        self.most: int = settings["most_bytes"]
        self.lock = threading.Lock()
        self.leases = Leases(settings["unheard_s"], self._kept())

    def _kept(self) -> dict[str, dict[str, Any]]:
        """The leases of before a restart; whoever had one is heard of again from now on."""
        try:
            kept = json.loads((self.folder / "leases.json").read_text())
        except FileNotFoundError:
            return {}
        return {person: {**lease, "heard": time.time()} for person, lease in kept.items()}

    def _keep(self) -> None:
        new = self.folder / ".leases.json"
        new.write_text(json.dumps(self.leases.kept()))
        new.replace(self.folder / "leases.json")

    def place(self, person: str) -> Path:
        """Where a person's profile lies. Raises RefusedError for nobody of the list."""
        if person not in self.people:
            raise RefusedError(403, "nobody of that name")
        return self.folder / self.people[person]["city"] / f"{person}.tar.zst"

    def open(self, host: str, asked: dict[str, Any]) -> tuple[str, bool, Path]:
        """Lease a profile: its key, whether the host has it already, its archive. Raises RefusedError."""
        person = str(asked.get("person"))
        place = self.place(person)
        token = hashlib.sha256(str(asked.get("token")).encode()).hexdigest()
        if not secrets.compare_digest(token, self.people[person]["verifier"]):
            time.sleep(PENALTY)
            raise RefusedError(403, "wrong password")
        with self.lock:
            try:
                lease, had = self.leases.take(person, host, asked.get("lease"), time.time())
            except InUseError as error:
                raise RefusedError(423, f"{error} has the profile") from None
            self._keep()
        return lease.key, had, place

    def save(self, host: str, person: str, key: str, body: BinaryIO, length: int) -> None:
        """Replace a profile by ``length`` bytes of ``body``, whole or not at all. Raises RefusedError."""
        place = self.place(person)
        if length > self.most:
            raise RefusedError(413, f"a profile has at most {self.most} bytes")
        self.demand(host, person, key)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        with contextlib.ExitStack() as otherwise:
            with tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{person}.", delete=False) as new:
                otherwise.callback(Path(new.name).unlink, missing_ok=True)
                receive(body, new.file, length)
                os.fsync(new.fileno())
                with self.lock:
                    self.demand(host, person, key)
                    Path(new.name).replace(place)
            otherwise.pop_all()

    def close(self, host: str, person: str, key: str) -> None:
        """End a lease. Raises RefusedError."""
        with self.lock:
            self.demand(host, person, key)
            self.leases.give_back(person)
            self._keep()

    def demand(self, host: str, person: str, key: str) -> None:
        """Raises RefusedError unless the host has the profile."""
        if not self.leases.holds(person, host, key):
            raise RefusedError(409, "the lease is lost")

    def alive(self, host: str, keys: dict[str, str]) -> dict[str, list[str]]:
        """A host's report."""
        with self.lock:
            lost, wanted = self.leases.report(host, keys, time.time())
        return {"lost": lost, "wanted": wanted}


def receive(body: BinaryIO, file: Any, length: int) -> None:
    """Copy just ``length`` bytes. Raises RefusedError where there are fewer."""
    while length:
        block = body.read(min(BLOCK, length))
        if not block:
            raise RefusedError(400, "the archive broke off")
        file.write(block)
        length -= len(block)


def caller(certificate: dict[str, Any], hosts: list[str]) -> str:
    """The session host that a certificate names. Raises RefusedError for any other."""
    names = {key: value for ((key, value),) in certificate.get("subject", ())}
    name = str(names.get("commonName"))
    if name not in hosts:
        raise RefusedError(403, f"{name} is no session host")
    return name


class Handler(BaseHTTPRequestHandler):
    """One connection of a session host."""

    protocol_version = "HTTP/1.1"
    timeout = SILENCE
    store: Store
    hosts: list[str]

    def setup(self) -> None:
        """The handshake is here, in the connection's own thread: a caller that stalls stops nobody else."""
        self.request.settimeout(SILENCE)
        self.request.do_handshake()
        super().setup()

    def do_POST(self) -> None:
        """open, close, alive."""
        self.answer(self.post)

    def do_PUT(self) -> None:
        """profile."""
        self.answer(self.put)

    def answer(self, function: Any) -> None:
        """Run ``function`` with the caller's name; what it refuses becomes the answer."""
        try:
            function(caller(self.request.getpeercert(), self.hosts))
        except RefusedError as refused:
            self.log_message("%s %s: %s", self.command, self.path, refused)
            self.close_connection = True  # what is left of the body is not read
            self.tell(refused.status, str(refused).encode())

    def post(self, host: str) -> None:
        """See do_POST."""
        verb, _, person = self.path.strip("/").partition("/")
        asked = json.loads(self.rfile.read(min(BLOCK, self.length())) or b"{}")
        if verb == "open":
            key, had, place = self.store.open(host, asked)
            self.log_message("%s signs in at %s%s", asked["person"], host, " again" if had else "")
            self.tell(204) if had else self.send_profile(key, place)
        elif verb == "close":
            self.store.close(host, person, self.headers.get("X-Lease", ""))
            self.log_message("%s is back from %s", person, host)
            self.tell(204)
        elif verb == "alive":
            self.tell(200, json.dumps(self.store.alive(host, asked["leases"])).encode())
        else:
            raise RefusedError(404, "no such thing")

    def put(self, host: str) -> None:
        """See do_PUT."""
        verb, _, person = self.path.strip("/").partition("/")
        if verb != "profile":
            raise RefusedError(404, "no such thing")
        self.store.save(host, person, self.headers.get("X-Lease", ""), self.rfile, self.length())
        self.tell(204)

    def length(self) -> int:
        """Bytes of the body."""
        return int(self.headers.get("Content-Length") or 0)

    def send_profile(self, key: str, place: Path) -> None:
        """The archive; empty for somebody who has none yet."""
        try:
            archive = place.open("rb")
        except FileNotFoundError:
            self.tell(200, lease=key)
            return
        with archive:
            self.head(200, os.fstat(archive.fileno()).st_size, key)
            while block := archive.read(BLOCK):
                self.wfile.write(block)

    def tell(self, status: int, body: bytes = b"", lease: str | None = None) -> None:
        """A short answer."""
        self.head(status, len(body), lease)
        self.wfile.write(body)

    def head(self, status: int, length: int, lease: str | None) -> None:
        """Status and headers."""
        self.send_response_only(status)
        if status != 204:
            self.send_header("Content-Length", str(length))
        if lease:
            self.send_header("X-Lease", lease)
        self.end_headers()

    def log_message(self, form: str, *words: Any) -> None:
        """Into the journal."""
        print(form % words, file=sys.stderr, flush=True)


class Server(ThreadingHTTPServer):
    """TLS with certificates on both sides."""

    daemon_threads = True

    def __init__(self, settings: dict[str, Any]) -> None:
        pki = Path(settings["pki"])
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(pki / "authority.pem"))
        self.tls.load_cert_chain(pki / "certificate.pem", pki / "key.pem")
        self.tls.verify_mode = ssl.CERT_REQUIRED
        known = {"store": Store(settings), "hosts": settings["hosts"]}
        super().__init__((settings["address"], settings["port"]), type("Bound", (Handler,), known))
        self.socket = self.tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as the base calls it
        """A connection that breaks is a line, not a trace."""
        print(f"{client_address[0]}: {sys.exc_info()[1]}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    os.umask(0o077)
    Server(json.loads(Path(sys.argv[1]).read_text())).serve_forever()
