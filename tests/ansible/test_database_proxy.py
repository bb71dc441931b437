"""The databases' proxy on loopback: the real HAProxy asks both ends of an idle session whether they still live."""

from __future__ import annotations

import re
import socket
import subprocess
from contextlib import closing

from ruamel.yaml import YAML

from tests.ansible.loopback import ROLES, folder, free_port, needs, rendered, running, wait_until

DEFAULTS = YAML(typ="safe").load(ROLES / "database_proxy" / "defaults" / "main.yml")
SHOWN = re.compile(r"timer:\(keepalive,(\S+?)(sec|ms),0\)")


def configuration(port: int, behind: int) -> str:
    """The role's front-end and back-end on ``port``, with one server, unchecked, in place of the databases."""
    text = rendered(
        "database_proxy",
        "etc/haproxy/conf.d/10-databases.cfg.j2",
        **DEFAULTS,
        database_proxy_address="127.0.0.1",
        database_proxy_decided=[],
        database_proxy_first=[],
    )
    own = text.replace(":5432", f":{port}").partition("  option httpchk")[0]
    limits = "global\n  maxconn 20\ndefaults\n  mode tcp\n  timeout connect 2s\n"
    return f"{limits}{own}  server one 127.0.0.1:{behind}\n"


def waits(end: str) -> list[float]:
    """Seconds until the kernel asks the other end, of each session whose own end is ``end`` (ss' words)."""
    shown = subprocess.run(
        ["ss", "-tnoH", "state", "established", end], capture_output=True, text=True, check=True
    )
    return [float(n) / (1000 if unit == "ms" else 1) for n, unit in SHOWN.findall(shown.stdout)]


def test_both_ends_of_an_idle_session_are_asked_within_seconds_whether_they_live():
    needs("haproxy", "ss")
    port = free_port()
    with folder() as place, socket.create_server(("127.0.0.1", 0)) as server:
        behind = server.getsockname()[1]
        (place / "haproxy.cfg").write_text(configuration(port, behind))
        command = ["/usr/sbin/haproxy", "-db", "-f", str(place / "haproxy.cfg")]
        with (
            running(command, place / "log", port),
            closing(socket.create_connection(("127.0.0.1", port))),
        ):
            wait_until(
                lambda: bool(waits(f"sport = :{port}") and waits(f"dport = :{behind}")), "both sessions"
            )
            seconds = float(DEFAULTS["database_proxy_alive_idle"].removesuffix("s"))
            assert all(n <= seconds for n in waits(f"sport = :{port}") + waits(f"dport = :{behind}"))
