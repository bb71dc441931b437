"""The walls between cities, zones and services, tried with real connections: every pair of hosts, every port.

From each terminal and server to every other host, at each port that some opening names and at ssh's. What the plan
grants is answered (by a service, or by the kernel that nobody listens); what it does not grant is met with silence.
"""

from __future__ import annotations

import json
import shlex
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from inventory.policy import asked_ports, explain
from tests.hosts.conftest import MEASUREMENTS

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("walls")]

KNOCK = """
import asyncio, json, sys
limit = asyncio.Semaphore(200)
async def knock(address, port):
    async with limit:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(address, port), float(sys.argv[1]))
        except ConnectionRefusedError:
            return "closed"
        except (TimeoutError, asyncio.TimeoutError):
            return "silent"
        except OSError as error:
            return "unreachable"
        writer.close()
        return "open"
async def main():
    print(json.dumps(await asyncio.gather(*(knock(*one) for one in json.loads(sys.argv[2])))))
asyncio.run(main())
"""
PATIENCE, LONGER = 1.0, 5.0
"""Seconds until a knock counts as unanswered; the second is for those that ought to have been answered."""
SSH = 22
ANSWERED = {"open", "closed"}


def address(host):
    return host.interfaces[0].address.split("/")[0]


def knock(on, source, asked, patience):
    """What ``source`` meets at each (address, port) of ``asked``."""
    words = ["python3", "-c", KNOCK, str(patience), json.dumps(asked)]
    return json.loads(on(source.name).check_output(" ".join(map(shlex.quote, words))))


def tried(on, topology, source):
    """(target's name, port) to what ``source`` met there. What a busy machine answered late is asked once more."""
    targets = [host for host in topology.hosts() if not host.is_router and host != source]
    asked = [(target, port) for target in targets for port in (SSH, *asked_ports(topology))]
    met = knock(on, source, [(address(target), port) for target, port in asked], PATIENCE)
    late = [
        number
        for number, (target, port) in enumerate(asked)
        if met[number] not in ANSWERED and explain(topology, source, target, port).allowed
    ]
    again = knock(on, source, [(address(asked[n][0]), asked[n][1]) for n in late], LONGER) if late else []
    for number, answer in zip(late, again, strict=True):
        met[number] = answer
    return {(target.name, port): answer for (target, port), answer in zip(asked, met, strict=True)}


@pytest.fixture(scope="module")
def met(on, topology):
    """Source's name to (target's name, port) to what it met there, for every host that is not a router."""
    sources = [host for host in topology.hosts() if not host.is_router]
    with ThreadPoolExecutor(12) as pool:
        answers = pool.map(lambda host: tried(on, topology, host), sources)
        return dict(zip((host.name for host in sources), answers, strict=True))


def wrong_cells(topology, met):
    """What was met and should not have been, in words."""
    for source, answers in met.items():
        for (name, port), answer in answers.items():
            expected = explain(topology, topology.host(source), topology.host(name), port)
            if (answer in ANSWERED) != expected.allowed:
                yield f"{source} to {name} port {port}: {answer}; expected: {expected}"


def test_every_pair_meets_what_the_policy_says(topology, met):
    record(topology, met)
    assert list(wrong_cells(topology, met)) == []


def test_the_matrix_is_not_empty(topology, met):
    """Enough was tried, and enough was answered, for silence to mean something."""
    cells = Counter(answer in ANSWERED for answers in met.values() for answer in answers.values())
    assert cells[True] > 10 * len(topology.cities)
    assert cells[False] > cells[True]


def record(topology, met):
    """Keep the matrix of cities and of the centers' roles, to be printed at the end of the run."""
    ends = [city.name for city in topology.cities]
    roles = sorted({host.role for site in topology.sites[:2] for host in site.hosts if not host.is_router})
    rows = []
    for source in ends + roles:
        row = {"from \\ to": source}
        for target in ends + roles:
            row[target] = cell(topology, met, source, target)
        rows.append(row)
    MEASUREMENTS.mkdir(parents=True, exist_ok=True)
    title = "Who reaches whom: ports that were answered (. none)"
    document = {"title": title, "rows": rows, "measured_at": time.strftime("%Y-%m-%dT%H:%M:%S%z")}
    (MEASUREMENTS / "walls.json").write_text(json.dumps(document, indent=1) + "\n")


def cell(topology, met, source, target):
    """Ports at which some host of ``source`` (a city or a role) was answered by some host of ``target``."""
    ports = {
        port
        for host, answers in met.items()
        if source == belongs(topology, topology.host(host))
        for (name, port), answer in answers.items()
        if answer in ANSWERED and target == belongs(topology, topology.host(name))
    }
    return ",".join(map(str, sorted(ports))) or "."


def belongs(topology, host):
    """What the matrix calls a host: its city, or its role in a center."""
    return host.site if topology.site(host.site).kind == "city" else host.role
