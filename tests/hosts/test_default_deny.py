"""What nobody has opened is refused: tried with real packets from next door."""

from __future__ import annotations

import json
import shlex

import pytest

pytestmark = pytest.mark.live

KNOCK = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def knock(address_and_port):
    with socket.socket() as line:
        line.settimeout(0.7)
        try:
            line.connect(tuple(address_and_port))
        except TimeoutError:
            return "silent"
        except OSError as error:
            return error.strerror
        return "open"
asked = json.loads(sys.argv[1])
with ThreadPoolExecutor(max(1, len(asked))) as pool:
    print(json.dumps(list(pool.map(knock, asked))))
"""


def knock_all(on, source, asked):
    """What a TCP connection from ``source`` meets at each (address, port): open, silent, or the error's text."""
    return json.loads(on(source).check_output(shlex.join(["python3", "-c", KNOCK, json.dumps(asked)])))


def knock(on, source, address, port):
    """What a TCP connection from ``source`` meets: open, silent, or the error's text."""
    (answer,) = knock_all(on, source, [(address, port)])
    return answer


def answering(on, source, addresses, seconds):
    """Those of the addresses that answer a ping from ``source`` in that time; all are asked at once."""
    ping = f"ping -c 1 -W {seconds} $address >/dev/null 2>&1 && echo $address"
    command = f"for address in {' '.join(addresses)}; do ({ping}) & done; wait"
    return set(on(source).run(command).stdout.split())


def address(host, card):
    return host.interface(card).address.split("/")[0]


def test_a_terminal_reaches_nothing_of_its_router(terminal, on, topology):
    (router,) = topology.site(terminal.site).routers()
    there = address(router, f"lan-{terminal.zone}")
    asked = [(there, 22), (there, 179), (router.management, 22)]
    assert knock_all(on, terminal.name, asked) == ["silent"] * 3


def test_a_terminal_pings_its_router(terminal, on):
    """The other side of the tests around it: the way is there, so silence is refusal."""
    assert answering(on, terminal.name, [terminal.gateway], 2) == {terminal.gateway}


def test_a_terminal_reaches_no_ssh_of_a_server(terminal, on, topology):
    servers = [server for server in topology.data_center.hosts if server.zone == terminal.zone]
    there = [address(server, f"lan-{terminal.zone}") for server in servers]
    assert answering(on, terminal.name, there, 2) == set(there)
    assert knock_all(on, terminal.name, [(one, 22) for one in there]) == ["silent"] * len(there)


def test_a_terminal_reaches_no_server_of_another_zone(terminal, on, topology):
    servers = [server for server in topology.data_center.hosts if server.zone not in {None, terminal.zone}]
    there = [address(server, f"lan-{server.zone}") for server in servers]
    assert answering(on, terminal.name, there, 0.7) == set()


def test_a_server_reaches_no_city_but_by_its_zone(server, on, topology):
    hosts = [host for host in topology.cities[0].hosts if host.zone not in {None, server.zone}]
    there = [address(host, f"lan-{host.zone}") for host in hosts]
    assert answering(on, server.name, there, 0.7) == set()


def test_hosts_do_not_meet_over_the_management_network(terminal, on, topology):
    others = [other for other in topology.site(terminal.site).hosts if other != terminal]
    asked = [(other.management, 22) for other in others]
    assert knock_all(on, terminal.name, asked) == ["silent"] * len(others)
