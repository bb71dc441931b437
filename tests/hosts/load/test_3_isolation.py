"""A city's router in the wrong hands: it lies about prefixes, it sends to another city, it forges sources.

One city plays the part, and another is its victim. Whatever the router says, the data center's edges decide.
"""

from __future__ import annotations

import json
import shlex
from contextlib import contextmanager

import pytest

pytestmark = [pytest.mark.live, pytest.mark.load]

COUNT = 20
PORT = 5250
RECEIVER = """
import json, socket, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("0.0.0.0", %d))
sock.settimeout(0.2)
end, heard = time.time() + %f, []
while time.time() < end:
    try:
        data, origin = sock.recvfrom(64)
    except TimeoutError:
        continue
    heard.append([data.decode(), origin[0]])
print(json.dumps(heard))
"""
SENDER = """
import socket, sys, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind((sys.argv[1], 0))
for number in range(%d):
    for target in sys.argv[2:]:
        try:
            sock.sendto(f"{number}".encode(), (target, %d))
        except OSError:
            pass
    time.sleep(0.02)
"""


@pytest.fixture
def villain(measuring):
    return next(iter(measuring.values()))


@pytest.fixture
def victim(measuring):
    return list(measuring.values())[1]


def address(host):
    return host.interfaces[0].address.split("/")[0]


def send(ask, host, source, *targets):
    """COUNT datagrams from ``host`` with ``source`` to each target."""
    arguments = " ".join(shlex.quote(argument) for argument in (source, *targets))
    ask(host, f"python3 - {arguments}", SENDER % (COUNT, PORT))


@pytest.fixture
def hearing(ask):
    """``with hearing(host) as heard``: at the end ``heard()`` gives the sources of what arrived there meanwhile."""
    from concurrent.futures import ThreadPoolExecutor
    from time import sleep

    @contextmanager
    def listen(host, seconds=4.0):
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(ask, host, "python3 -", RECEIVER % (PORT, seconds))
            sleep(1)
            yield lambda: [origin for _, origin in json.loads(answer.result())]

    return listen


@contextmanager
def taken_over(ask, router, *commands):
    """The router without its packet filter, and with what ``commands`` set up; (set up, undo) pairs, undone after."""
    try:
        ask(router.name, "nft flush ruleset")
        for command, _ in commands:
            ask(router.name, command)
        yield
    finally:
        for _, undo in commands:
            ask(router.name, f"{undo} || true")
        ask(router.name, "nft -f /etc/nftables.conf")


def protocol(peer):
    """BIRD's name of the session with ``peer`` (role routing)."""
    return f"{peer.name}_{peer.interface}".replace("-", "_")


def tell_a_lie(ask, router, prefix):
    """Have ``router`` announce ``prefix`` to all its neighbours, with a configuration beside its own."""
    origin = f"protocol static lie {{ ipv4; route {prefix} blackhole; }}"
    edits = f"s/export where net ~ .*/export where true;/; $ a {origin}"
    # BIRD may read its own folder only, as its own user.
    ask(
        router.name,
        f"sed '{edits}' /etc/bird/bird.conf > /etc/bird/lie.conf && chgrp bird /etc/bird/lie.conf",
    )
    ask(router.name, "chmod 640 /etc/bird/lie.conf && birdc configure '\"/etc/bird/lie.conf\"' && sleep 3")


@pytest.mark.parametrize("lie", ["the victim's prefix", "a part of it", "everything"])
def test_a_city_that_announces_what_is_not_its_own_is_not_believed(
    lie, villain, victim, ask, topology, await_routes, learned, planned_routes
):
    zone = victim.city.zones["kikan"]
    prefix = {
        "the victim's prefix": zone,
        "a part of it": zone.split("/")[0] + "/24",
        "everything": "0.0.0.0/0",
    }[lie]
    (router,) = villain.city.routers()
    edges = topology.data_center.routers()
    try:
        tell_a_lie(ask, router, prefix)
        for peer in (peer for peer in router.routing.peers if peer.kind == "line"):
            told = ask(router.name, f"birdc -r show route {prefix} export {protocol(peer)}")
            assert prefix in told, "the lie was not told: nothing is tested"
        for edge in edges:
            here = next(peer for peer in edge.routing.peers if peer.name == router.name)
            seen = ask(edge.name, f"birdc -r show route protocol {protocol(here)}")
            assert victim.city.zones["kikan"] not in seen
            assert {line.split()[0] for line in seen.splitlines() if "/" in line[:18]} == set(here.accept)
        for host in (*edges, victim.server):
            assert learned({"routes": ask(host.name, "ip -j route")}) == planned_routes(host)
        ask(victim.server.name, f"ping -c 2 -W 1 {address(victim.terminal)}")
    finally:
        ask(router.name, "birdc configure '\"/etc/bird/bird.conf\"' && rm -f /etc/bird/lie.conf")
    await_routes([router, *edges])


FAREWELLS = 20
FORGER = """
import socket, struct, sys, time
own, edge = sys.argv[1:]

def overheard():
    # the session's own numbers, which a forger has to know: bytes 4 to 12 of a BFD packet (RFC 5880)
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    tap.settimeout(5)
    ends = socket.inet_aton(own) + socket.inet_aton(edge)
    while True:
        packet = tap.recv(2048)
        if packet[12:20] == ends and packet[9] == 17 and packet[22:24] == struct.pack("!H", 3784):
            return packet[32:40]

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
sock.bind((own, 49999))
# version 1, "administratively down", state AdminDown, no authentication
farewell = struct.pack("!BBBB", 1 << 5 | 7, 0, 4, 24) + overheard() + struct.pack("!III", 1_000_000, 100_000, 0)
for _ in range(%d):
    sock.sendto(farewell, (edge, 3784))
    time.sleep(0.05)
"""


def test_a_farewell_without_the_password_ends_no_session(villain, ask, topology):
    """BFD as a host of the zone could forge it: the packet filter lets it in, the password does not."""
    server = villain.server
    for edge, gate in zip(topology.data_center.routers(), server.peers_with, strict=True):
        began = ask(edge.name, "date +%s").strip()
        ask(server.name, f"python3 - {address(server)} {gate}", FORGER % FAREWELLS)
        said = ask(edge.name, f"journalctl --identifier=bird --since=@{began} --output=cat --no-pager")
        assert f"Authentication failed for {address(server)}" in said, "it did not arrive: nothing is tested"
        assert f"Session to {address(server)} changed state" not in said


def test_no_city_reaches_another(villain, victim, ask, hearing):
    """Not even with a route set by hand on a router without its packet filter: the data center does not forward."""
    (router,) = villain.city.routers()
    gate = next(peer.address for peer in router.routing.peers if peer.kind == "line")
    way = f"{victim.city.zones['kikan']} via {gate}"
    with taken_over(ask, router, (f"ip route add {way}", f"ip route del {way}")):
        with hearing(victim.terminal.name) as there, hearing(villain.server.name) as here:
            targets = (address(victim.terminal), address(villain.server))
            send(ask, villain.terminal.name, address(villain.terminal), *targets)
        assert len(here()) == COUNT, "the sender itself does not work"
        assert there() == []
        probe = f"ping -c 2 -W 1 {address(victim.terminal)} && echo reached || echo refused"
        assert "refused" in ask(villain.terminal.name, probe)
        assert "refused" in ask(router.name, probe)


def test_no_city_reaches_another_citys_management_or_line(villain, victim, ask):
    (router,), (other,) = villain.city.routers(), victim.city.routers()
    gate = next(peer.address for peer in router.routing.peers if peer.kind == "line")
    targets = [other.management, victim.terminal.management]
    targets += [other.interface(card).address.split("/")[0] for card in ("line1", "line2", "access0")]
    ways = [(f"ip route add {target}/32 via {gate}", f"ip route del {target}/32") for target in targets]
    with taken_over(ask, router, *ways):
        for target in targets:
            said = ask(villain.terminal.name, f"ping -c 1 -W 0.7 {target} && echo reached || echo refused")
            assert "refused" in said, target


def test_a_zone_is_not_left_at_the_data_center_either(villain, ask, topology):
    """A terminal of the my-number zone and a server of the LGWAN zone, over a router that would let it."""
    (router,) = villain.city.routers()
    server = next(
        host for host in topology.data_center.hosts if host.zone not in {None, villain.terminal.zone}
    )
    with taken_over(ask, router):
        said = ask(villain.terminal.name, f"ping -c 2 -W 1 {address(server)} && echo reached || echo refused")
        assert "refused" in said


def test_a_forged_source_does_not_arrive(villain, victim, ask, hearing):
    """The victim's address as a source, sent by the other city's router; its own address does arrive."""
    (router,) = villain.city.routers()
    forged = address(victim.terminal).rsplit(".", 1)[0] + ".99"
    with taken_over(
        ask, router, (f"ip address add {forged}/32 dev lo", f"ip address del {forged}/32 dev lo")
    ):
        with hearing(villain.server.name, seconds=5) as heard:
            send(ask, router.name, forged, address(villain.server))
            send(ask, router.name, address(router), address(villain.server))
        assert set(heard()) == {address(router)}
        assert len(heard()) == COUNT


def test_a_host_cannot_send_as_its_neighbour(villain, ask, hearing):
    """A source that its own router would believe: the guard of the host's card refuses it before it goes out."""
    own = address(villain.terminal)
    forged = own.rsplit(".", 1)[0] + ".99"
    there = address(villain.server)
    try:
        ask(villain.terminal.name, f"ip address add {forged}/32 dev lo")
        with hearing(villain.server.name, seconds=5) as heard:
            send(ask, villain.terminal.name, forged, there)
            send(ask, villain.terminal.name, own, there)
        assert set(heard()) == {own}
        assert len(heard()) == COUNT
    finally:
        ask(villain.terminal.name, f"ip address del {forged}/32 dev lo || true")
