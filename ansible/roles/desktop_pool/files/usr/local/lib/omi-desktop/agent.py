"""The session host's agent: fetches profiles at sign-in, saves them, gives them back, and tells the brokers its load.

One process knows all desktops of the host (keeper.py). It is asked over a unix socket (ctl.py), in lines of JSON:

open PERSON   by PAM, with what was typed: is the password right? The profile is fetched meanwhile.
ready         by the person's own session, which waits here until its home is filled.
sessions, drain, close, return, end PERSON   by root.
"""

from __future__ import annotations

import json
import logging
import pwd
import socket
import socketserver
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any

import homes
import load
from keeper import PULSE, Keeper
from store_client import StoreError, WrongPasswordError

LOG = logging.getLogger("desktop-agent")


def obey(keeper: Keeper, asker: int, order: dict[str, Any]) -> Any:
    """Answer one order of the user with the number ``asker``. Raises what keeper.py raises, and PermissionError."""
    verb, person = order["verb"], order.get("person", "")
    if verb == "ready":
        return keeper.await_ready(pwd.getpwuid(asker).pw_name)
    if asker != 0:
        raise PermissionError(verb)
    if verb == "open":
        keeper.open(person, order["password"])
    elif verb in ("drain", "close"):
        keeper.drain_file.write_text(verb)
    elif verb == "return":
        keeper.drain_file.unlink(missing_ok=True)
    elif verb == "end":
        homes.end(keeper.accounts[person])
    elif verb != "sessions":
        raise ValueError(verb)
    return sorted(keeper.present())


class Orders(socketserver.StreamRequestHandler):
    """The unix socket."""

    keeper: Keeper

    def handle(self) -> None:
        """One order."""
        credentials = self.request.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        _, asker, _ = struct.unpack("3i", credentials)
        try:
            answer = {"said": obey(self.keeper, asker, json.loads(self.rfile.readline()))}
        except WrongPasswordError:
            answer = {"error": "wrong password"}
        except (StoreError, PermissionError, OSError, KeyError, ValueError) as error:
            LOG.error("%s", error)
            answer = {"error": str(error) or type(error).__name__}
        self.wfile.write((json.dumps(answer) + "\n").encode())


class Check(socketserver.BaseRequestHandler):
    """HAProxy's agent-check: one line to whoever asks."""

    keeper: Keeper

    def handle(self) -> None:
        """Tell it."""
        self.request.sendall(load.answer(self.keeper.load()).encode())


class Sockets(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The unix socket's server."""

    daemon_threads = True


class Checks(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """The check's server."""

    daemon_threads = True
    allow_reuse_address = True


def every(seconds: float, act: Any) -> None:
    """Do it again and again, in a thread of its own."""

    def go_on() -> None:
        while True:
            try:
                act()
            except Exception:  # one bad turn must not end all later ones
                LOG.exception("goes on")
            time.sleep(seconds)

    threading.Thread(target=go_on, daemon=True).start()


def write_metrics(keeper: Keeper, file: Path) -> None:
    """Whole, or not at all."""
    if file.parent.is_dir():
        new = file.with_suffix(".new")
        new.write_text(load.metrics(keeper.load()))
        new.replace(file)


def quietly(act: Any) -> None:
    """A store that does not answer now is asked again soon."""
    try:
        act()
    except StoreError as error:
        LOG.warning("the store of profiles: %s", error)


def main(settings: dict[str, Any]) -> None:
    """Serve for ever."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    keeper = Keeper(settings)
    keeper.state.mkdir(parents=True, exist_ok=True)
    keeper.sweep()
    place = keeper.state / "socket"
    place.unlink(missing_ok=True)
    every(PULSE, keeper.pulse)
    every(settings["unheard_s"] / 3, lambda: quietly(keeper.report))
    every(5, lambda: write_metrics(keeper, Path(settings["metrics"])))
    checks = Checks(
        (settings["address"], settings["check_port"]), type("Check", (Check,), {"keeper": keeper})
    )
    threading.Thread(target=checks.serve_forever, daemon=True).start()
    with Sockets(str(place), type("Orders", (Orders,), {"keeper": keeper})) as orders:
        place.chmod(0o666)  # who asks is known by the kernel, not by the file's mode
        orders.serve_forever()


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
