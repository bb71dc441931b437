"""ssh's KnownHostsCommand for the lab: the key a host really has, asked of the daemon that runs it.

    known_host.py SOCKET HOST

Prints one line of ssh's known_hosts format, or nothing when there is no such host or it has no key yet.
It runs at every new connection, so it stands alone: the standard library only, no import of the package.
"""

from __future__ import annotations

import http.client
import json
import socket
import sys
import time
from typing import Any
from urllib.parse import quote

PAUSES = (0.2, 0.5, 1, 2, 3)
"""Seconds between looks for a key. It is there when the host answers; but many hosts that start at once keep the
daemon busy, and it then refuses to look into one of them."""
KEY = "/etc/ssh/ssh_host_ed25519_key.pub"


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("incus", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def fetch(incus: http.client.HTTPConnection, path: str) -> str | None:
    """The body of the answer to a GET, or None unless its status is 200."""
    incus.request("GET", path)
    answer = incus.getresponse()
    body = answer.read().decode("utf-8", errors="replace")
    return body if answer.status == http.client.OK else None


def project_of(host: str, listing: str | None) -> str | None:
    """The project of `host` in Incus's list of all instances; names are unique in the lab."""
    instances: list[dict[str, Any]] = json.loads(listing)["metadata"] if listing else []
    return next((str(instance["project"]) for instance in instances if instance["name"] == host), None)


def known_host_line(host: str, public_key: str | None) -> str:
    """`host type key`, without the comment; empty when there is no key."""
    words = (public_key or "").split()
    return f"{host} {words[0]} {words[1]}\n" if len(words) >= 2 else ""


def main(socket_path: str, host: str) -> str:
    """What ssh is to know of `host`."""
    incus = UnixConnection(socket_path)
    listing = fetch(incus, f"/1.0/instances?recursion=1&all-projects=true&filter=name%20eq%20{quote(host)}")
    project = project_of(host, listing)
    if project is None:
        return ""
    place = f"/1.0/instances/{quote(host)}/files?project={quote(project)}&path={quote(KEY)}"
    for pause in PAUSES:
        line = known_host_line(host, fetch(incus, place))
        if line:
            return line
        time.sleep(pause)
    return ""


if __name__ == "__main__":
    try:
        sys.stdout.write(main(*sys.argv[1:]))
    except OSError as error:
        sys.exit(f"the lab's daemon does not answer: {error}")
