"""Write whether a CS server serves, and how the cities' certificates fare there, where node_exporter reads it.

cs.py PLAN FILE    PLAN: JSON, {check, tag, cities}; FILE: what is written, again and again

``check`` is the command that keepalived asks as well; ``tag`` marks nginx' lines in the journal, one for each request
(role cs_server). Only declared cities are noted: whoever makes up a name makes no series.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from journal import follow
from textfile import INTERVAL, exposition, write

EXPIRED = "an expired certificate"
"""nginx' reason, by the map in its configuration."""
BACK = "-1h"
"""How far the journal is read when this begins: a city that is refused asks again before long."""
ABOUT = {
    "omi_cs_ready": ("gauge", "1 if nginx and the service behind it answer."),
    "omi_cs_served_seconds": ("gauge", "When a certificate of the city was last taken; 0: not seen."),
    "omi_cs_expired_seconds": ("gauge", "When the city last came with one that had ended; 0: not seen."),
}
"""Metric to its type and what it says. Seconds since 1970."""


class Seen:
    """When each city was last served, and last refused for a certificate that had ended. Seconds since 1970."""

    def __init__(self, cities: Iterable[str]) -> None:
        self.served = dict.fromkeys(cities, 0.0)
        self.expired = dict(self.served)

    def note(self, line: str) -> None:
        """One line of the journal (short-unix). What is no request of a declared city is passed over."""
        moment, _, rest = line.partition(" ")
        try:
            request = json.loads(rest[rest.index("{") :])
            at, city, refusal = float(moment), named(str(request["subject"])), request["refused"]
        except (ValueError, KeyError, TypeError):
            return
        if city in self.served and refusal in ("", EXPIRED):
            (self.expired if refusal else self.served)[city] = at


def named(subject: str) -> str:
    """The common name in a certificate's subject as RFC 2253 writes it; empty where there is none."""
    return dict(part.partition("=")[::2] for part in subject.split(",")).get("CN", "")


def text(ready: bool, seen: Seen) -> str:
    """The readings as node_exporter reads them."""
    by_city = {"omi_cs_served_seconds": seen.served, "omi_cs_expired_seconds": seen.expired}
    found = {
        metric: [({"city": city}, at) for city, at in times.items()] for metric, times in by_city.items()
    }
    return exposition(ABOUT, {"omi_cs_ready": [({}, int(ready))], **found})


def main(arguments: list[str]) -> int:
    """See the module's head. 1: the journal can be read no more; the unit begins anew."""
    plan: dict[str, Any] = json.loads(Path(arguments[0]).read_text())
    seen = Seen(plan["cities"])
    reader = threading.Thread(target=follow, args=(plan["tag"], BACK, seen.note), daemon=True)
    reader.start()
    while reader.is_alive():
        ready = subprocess.run(plan["check"], check=False).returncode == 0
        write(Path(arguments[1]), text(ready, seen))
        time.sleep(INTERVAL)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
