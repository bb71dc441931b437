"""The CS servers as a drill sees them: who has their address, and the cities' clients that send them messages."""

from __future__ import annotations

import json
from pathlib import Path

from inventory.cs_plan import CHECK, SERVICE
from inventory.topology import Topology
from lab.errors import LabError
from omi.drill.reach import Lab
from omi.drill.writers import Writer

PORT = 8443
CERTIFICATE = "/etc/omi/pki/city"
CLIENT = Path(__file__).with_name("message_client.py")
MOVES = "journalctl -u keepalived --since -%ds -o cat | grep -cF 'Entering MASTER STATE' || true"
READY = f"{CHECK} && ip -j address show"


def writers(topology: Topology) -> list[Writer]:
    """A client in every city that is entitled, on its first terminal in the pair's zone."""
    service = {"host": topology.cs.name, "port": PORT, "certificate": CERTIFICATE}
    return [
        Writer(city.name, host.name, service, CLIENT)
        for city in topology.entitled(SERVICE)
        for host in [one for one in city.hosts if one.zone == topology.cs.zone][:1]
    ]


def holders(topology: Topology, answers: dict[str, str | Exception]) -> list[str]:
    """The hosts that have the pair's address, by what each says of its addresses."""
    return [
        name
        for name, answer in answers.items()
        if not isinstance(answer, Exception)
        and any(a["local"] == topology.cs.address for card in json.loads(answer) for a in card["addr_info"])
    ]


def problems(lab: Lab) -> list[str]:
    """What keeps the pair from serving, and from going on when one dies."""
    answers = lab.everywhere(lab.topology.cs.hosts, READY, seconds=15)
    found = [f"{name}: the CS server is not ready" for name, a in answers.items() if isinstance(a, Exception)]
    having = holders(lab.topology, answers)
    if len(having) != 1:
        found.append(f"{lab.topology.cs.name}: {' and '.join(having) or 'nobody'} has the address")
    return found


def holder(lab: Lab) -> str:
    """The host that has the address. Raises LabError where not exactly one has."""
    having = holders(lab.topology, lab.everywhere(lab.topology.cs.hosts, READY, seconds=15))
    if len(having) != 1:
        raise LabError(f"{lab.topology.cs.name} is not one host's: {having}", "see `omi drill health`")
    return having[0]


def moves(lab: Lab, seconds: float) -> int:
    """How often one of the pair has taken the address in the last ``seconds``, by what each has written down."""
    answers = lab.everywhere(lab.topology.cs.hosts, MOVES % (int(seconds) + 1))
    return sum(int(answer) for answer in answers.values() if not isinstance(answer, Exception))
