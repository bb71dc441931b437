"""What nobody has opened is refused: tried with real packets from next door."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.live

KNOCK = (
    "python3 -c 'import socket,sys\n"
    "s=socket.socket();s.settimeout(0.7)\n"
    'try:s.connect((sys.argv[1],int(sys.argv[2])));print("open")\n'
    'except TimeoutError:print("silent")\n'
    "except OSError as e:print(e.strerror)' %s %d"
)


def knock(on, source, address, port):
    """What a TCP connection from ``source`` meets: open, silent, or the error's text."""
    return on(source).check_output(KNOCK % (address, port)).strip()


def address(host, card):
    return host.interface(card).address.split("/")[0]


def test_a_terminal_reaches_nothing_of_its_router(terminal, on, topology):
    (router,) = topology.site(terminal.site).routers()
    for port in (22, 179):
        assert knock(on, terminal.name, address(router, f"lan-{terminal.zone}"), port) == "silent"
    assert knock(on, terminal.name, router.management, 22) == "silent"


def test_a_terminal_pings_its_router(terminal, on):
    """The other side of the tests around it: the way is there, so silence is refusal."""
    assert on(terminal.name).run(f"ping -c 1 -W 2 {terminal.gateway}").rc == 0


def test_a_terminal_reaches_no_ssh_of_a_server(terminal, on, topology):
    for server in topology.data_center.hosts:
        if server.zone == terminal.zone:
            there = address(server, f"lan-{terminal.zone}")
            assert on(terminal.name).run(f"ping -c 1 -W 2 {there}").rc == 0
            assert knock(on, terminal.name, there, 22) == "silent"


def test_a_terminal_reaches_no_server_of_another_zone(terminal, on, topology):
    for server in topology.data_center.hosts:
        if server.zone not in {None, terminal.zone}:
            there = address(server, f"lan-{server.zone}")
            assert on(terminal.name).run(f"ping -c 1 -W 0.7 {there}").rc != 0


def test_a_server_reaches_no_city_but_by_its_zone(server, on, topology):
    city = topology.cities[0]
    for host in city.hosts:
        if host.zone not in {None, server.zone}:
            assert on(server.name).run(f"ping -c 1 -W 0.7 {address(host, f'lan-{host.zone}')}").rc != 0


def test_hosts_do_not_meet_over_the_management_network(terminal, on, topology):
    for other in topology.site(terminal.site).hosts:
        if other != terminal:
            assert knock(on, terminal.name, other.management, 22) == "silent"
