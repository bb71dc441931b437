"""Whether the host is ready: when every city's database has answered, and for as long as any does."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from omi_web.http import Response, answer

EVERY_S = 1.0
AT_ONCE = 2
"""Connections made at a time. After a cut all hosts need all of theirs anew, and each is to the database a process,
a handshake and the proof of a password: a busy one must not get them all at once."""

log = logging.getLogger("omi.warmth")


class Warming(Protocol):
    """A pool, as far as it concerns us."""

    warm: bool

    def is_fresh(self) -> bool:
        """See :meth:`omi_web.pool.Pool.is_fresh`."""

    def keep_warm(self) -> None:
        """See :meth:`omi_web.pool.Pool.keep_warm`."""


class Warmth:
    """Keeps pools warm and says whether the host is ready.

    It becomes ready when all are warm, so a restarted host takes no request before it can answer it for
    every city. Later it is not ready only where none is: one city's database that is broken must not take
    the service from the others.
    """

    def __init__(self, pools: dict[str, Warming]) -> None:
        self._pools = pools
        self._was_ready = False

    def cold(self) -> list[str]:
        """The databases that do not answer."""
        return sorted(name for name, pool in self._pools.items() if not pool.warm)

    def is_ready(self) -> bool:
        """Whether requests are welcome."""
        cold = len(self.cold())
        self._was_ready = (self._was_ready or not cold) and (not cold or cold < len(self._pools))
        return self._was_ready

    def answer(self) -> Response:
        """The answer to /ready."""
        ready = self.is_ready()
        return answer(200 if ready else 503, {"ready": ready, "cold": self.cold()})

    def start(self) -> None:
        """Keep the pools warm from now on, in the background."""
        threading.Thread(target=self._run, daemon=True, name="warmth").start()

    def _run(self) -> None:
        with ThreadPoolExecutor(AT_ONCE) as executor:
            while True:
                # Most are fresh at any moment, and to hand each to a thread costs more than to look.
                stale = [pool for pool in self._pools.values() if not pool.is_fresh()]
                for failure in executor.map(kept_warm, stale):
                    if failure:
                        log.error("keeping warm: %s", failure)
                time.sleep(EVERY_S)


def kept_warm(pool: Warming) -> Exception | None:
    """Warm one pool; what goes wrong beyond a lost connection is returned, so that the others go on."""
    try:
        pool.keep_warm()
    except Exception as error:
        return error
    return None
