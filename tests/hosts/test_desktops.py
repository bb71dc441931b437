"""The pool of desktops as people meet it: from their city's terminal, over the brokers, on a session host."""

from __future__ import annotations

import shlex
import time

import pytest

from inventory.desktop_plan import SERVICE, people, zone
from inventory.load import load
from lab.paths import LabPaths
from omi.checkout import CHECKOUT
from omi.drill import desktops
from omi.drill.reach import Lab
from omi.drill.viewers import SETTING_UP, Viewers
from tests.hosts.conftest import declaration
from tests.hosts.test_default_deny import knock

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("desktops")]

SETTLING = 60.0
"""Seconds within which both brokers know a host that was just configured."""
RDP, STORE = 3389, 8446
KNOCK_RDP = """
import socket, sys
cookie = b"Cookie: mstshash=" + sys.argv[2].encode() + b"\\r\\n"
wish = bytes([6 + len(cookie) + 8, 0xE0, 0, 0, 0, 0, 0]) + cookie + bytes([1, 0, 8, 0, 1, 0, 0, 0])
with socket.create_connection((sys.argv[1], 3389), timeout=10) as line:
    line.sendall(bytes([3, 0, 0, len(wish) + 4]) + wish)
    try:
        print("answered" if line.recv(1) else "cut off")
    except ConnectionResetError:
        print("cut off")
"""
"""The first packet of a sign-in, with the name of whoever wishes for a desktop (RDP's connection request)."""
ASK_STORE = """
import sys
sys.path.insert(0, "/usr/local/lib/omi-desktop")
from pathlib import Path
from store_client import StoreClient, WrongPasswordError
try:
    StoreClient(sys.argv[1], int(sys.argv[2]), Path("/etc/omi/pki/desktop")).open(sys.argv[3], "no token", None)
    print("given")
except WrongPasswordError:
    print("refused")
"""

INPUT_METHOD = '(display (uim-get-default-im-name "ja"))'
"""Which input method a Japanese desktop begins with."""


@pytest.fixture(scope="module")
def lab(topology):
    """The running lab, as the drills reach it."""
    return Lab(load(declaration()), topology, LabPaths.from_environment(), CHECKOUT, lambda _: None)


@pytest.fixture(scope="module")
def pair(topology):
    """The last person of each of two cities: no drill has them at work meanwhile."""
    last = {person.city: person for person in people(topology)}
    return [last[city.name] for city in topology.entitled(SERVICE)[:2]]


@pytest.fixture(scope="module")
def at_work(lab, pair):
    """Both sign in at their terminals; person's name to the session host. They are signed out afterwards."""
    names = {person.name for person in pair}
    with Viewers(lab, {person: 3.0 * turn for turn, person in enumerate(pair)}) as viewers:
        missing = viewers.await_seeing(names, SETTING_UP)
        where = {name: host for host, there in desktops.sessions(lab).items() for name in there}
        try:
            assert not missing, viewers.events
            yield {name: where[name] for name in names}
        finally:
            for name in names & set(where):
                lab.on(where[name], f"desktop-host end {name}")


def terminal(topology, city):
    """The city's terminal in the desktops' zone."""
    return next(host.name for host in topology.site(city).hosts if host.zone == zone(topology))


def python(on, host, program, *words):
    """What a program prints on a host."""
    return on(host).check_output(shlex.join(["python3", "-c", program, *map(str, words)])).strip()


def address(host):
    return host.interface(f"lan-{host.zone}").ip


def test_every_broker_sends_people_to_every_session_host(lab):
    deadline = time.monotonic() + SETTLING
    while found := desktops.health(lab):
        assert time.monotonic() < deadline, found
        time.sleep(2)


def test_people_see_their_desktops(at_work, topology, pair):
    assert set(at_work) == {person.name for person in pair}
    assert set(at_work.values()) <= set(desktops.desks(topology))


def test_a_home_is_on_the_host_of_its_desktop_alone(at_work, topology, pair, on):
    for person in pair:
        home = f"/home/{person.city}/{person.name}"
        there = [host for host in desktops.desks(topology) if on(host).file(home).exists]
        assert there == [at_work[person.name]]


def test_a_person_of_another_city_cannot_look_into_a_home(at_work, pair, on):
    for person, other in (pair, pair[::-1]):
        home = f"/home/{person.city}/{person.name}"
        look = f"runuser -u %s -- ls -A {home}"
        assert on(at_work[person.name]).run(look % person.name).rc == 0, "the way there is right"
        refused = on(at_work[person.name]).run(look % other.name)
        assert refused.rc != 0
        assert "Permission denied" in refused.stderr


def test_a_city_can_wish_for_no_desktop_of_another(topology, pair, on):
    for broker in desktops.brokers(topology):
        for person, other in (pair, pair[::-1]):
            source = terminal(topology, person.city)
            assert python(on, source, KNOCK_RDP, broker, person.name) == "answered"
            assert python(on, source, KNOCK_RDP, broker, other.name) == "cut off"


def test_a_terminal_reaches_neither_session_hosts_nor_profiles(topology, pair, on):
    for host in topology.data_center.hosts:
        port = {"desk": RDP, "profile": STORE}.get(host.role)
        if port:
            assert knock(on, terminal(topology, pair[0].city), address(host), port) == "silent"


def test_the_store_gives_no_profile_to_a_host_where_nobody_has_signed_in(topology, pair, on):
    (store,) = (host.name for host in topology.data_center.hosts if host.role == "profile")
    for desk in desktops.desks(topology):
        assert python(on, desk, ASK_STORE, store, STORE, pair[0].name) == "refused"


def test_profiles_lie_where_the_store_alone_looks(topology, on):
    (store,) = (host.name for host in topology.data_center.hosts if host.role == "profile")
    folder = on(store).file("/var/lib/profiles")
    assert (folder.user, folder.mode) == ("profile", 0o700)


def test_japanese_can_be_read_and_written(topology, on):
    for desk in desktops.desks(topology):
        assert on(desk).check_output("LC_ALL=ja_JP.UTF-8 locale charmap 2>&1").strip() == "UTF-8"
        assert on(desk).check_output("fc-list :lang=ja family")
        assert "anthy" in on(desk).check_output(
            f"echo {shlex.quote(INPUT_METHOD)} | LC_ALL=ja_JP.UTF-8 uim-sh"
        )
