"""The store of profiles as it runs: TLS with certificates on both sides, on loopback; and its leases."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.ansible.pki import certificates
from tests.ansible.pki_service import AUTHORITY, FOREIGN, NOW, ROLES, folder, free_port, listens, wait_for

LIBRARY = ROLES / "desktop_pool/files/usr/local/lib/omi-desktop"
PASSWORDS = {"c5d1": "word-1", "c1d1": "word-2"}
CITIES = {"c5d1": "konan", "c1d1": "kusatsu"}
UNHEARD = 15


@pytest.fixture(scope="module")
def part():
    """``part(name)``: a module of the session host or of the store."""
    sys.path.insert(0, str(LIBRARY))
    yield importlib.import_module
    sys.path.remove(str(LIBRARY))


@pytest.fixture
def store(tmp_path, part):
    """``store(host)``: a session host's way to a real store that has just started."""
    client = part("store_client")
    own = folder(tmp_path / "store", "desktop", request("localhost", "server"), NOW)
    people = {
        person: {
            "city": CITIES[person],
            "verifier": hashlib.sha256(client.token(person, word).encode()).hexdigest(),
        }
        for person, word in PASSWORDS.items()
    }
    port = free_port()
    settings = {
        "folder": str(tmp_path / "profiles"),
        "address": "127.0.0.1",
        "port": port,
        "pki": str(own),
        "hosts": ["dc-desk1", "dc-desk2"],
        "unheard_s": UNHEARD,
        "most_bytes": 1000,
        "people": people,
    }
    (tmp_path / "profiles").mkdir()
    (tmp_path / "store.json").write_text(json.dumps(settings))
    words = [sys.executable, str(LIBRARY / "store.py"), str(tmp_path / "store.json")]
    process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: listens(port), [process])

        def at(host: str, by: Any = AUTHORITY) -> Any:
            place = tmp_path / f"{host}-{id(by)}"
            pki = (
                place / "desktop"
                if place.exists()
                else folder(place, "desktop", request(host, "both"), NOW, by)
            )
            return client.StoreClient("localhost", port, pki)

        yield at
    finally:
        process.kill()
        process.wait()


def request(host: str, usage: str) -> Any:
    """A certificate for it."""
    return certificates.Request(host, names=(host,), addresses=("127.0.0.1",), usage=usage)


@pytest.fixture
def token(part):
    """``token(person)``: what shows that the person has typed the right password."""
    return lambda person: part("store_client").token(person, PASSWORDS[person])


def test_a_profile_follows_its_person_from_host_to_host(store, token):
    one, other = store("dc-desk1"), store("dc-desk2")
    key, archive = one.open("c5d1", token("c5d1"), None)
    assert archive == b""
    one.save("c5d1", key, b"memo")
    one.close("c5d1", key)
    assert other.open("c5d1", token("c5d1"), None)[1] == b"memo"


def test_one_host_at_a_time_has_a_profile_and_hears_that_another_wants_it(store, token):
    one, other = store("dc-desk1"), store("dc-desk2")
    key, _ = one.open("c5d1", token("c5d1"), None)
    assert other.open("c5d1", token("c5d1"), None) == (None, None)
    assert one.alive({"c5d1": key}) == ([], ["c5d1"])
    assert one.open("c5d1", token("c5d1"), key) == (key, None)


def test_without_the_password_nobody_gets_a_profile_not_even_a_session_host(store, token, part):
    wrong = part("store_client").WrongPasswordError
    for person, shown in (("c5d1", token("c1d1")), ("c1d1", token("c5d1")), ("nobody", token("c5d1"))):
        with pytest.raises(wrong):
            store("dc-desk1").open(person, shown, None)


def test_who_is_no_session_host_is_refused(store, token, part):
    refused = (part("store_client").WrongPasswordError, part("store_client").StoreError)
    with pytest.raises(refused):
        store("konan-pc2").open("c5d1", token("c5d1"), None)
    with pytest.raises(part("store_client").StoreError):
        store("dc-desk1", FOREIGN).open("c5d1", token("c5d1"), None)


def test_a_lease_of_one_person_writes_no_other_profile(store, token, part):
    one = store("dc-desk1")
    key, _ = one.open("c5d1", token("c5d1"), None)
    for person in ("c1d1", "../konan/c5d1"):
        with pytest.raises((part("store_client").LeaseLostError, part("store_client").StoreError)):
            one.save(person, key, b"not theirs")
    assert store("dc-desk2").open("c1d1", token("c1d1"), None)[1] == b""


def test_a_profile_that_is_too_large_is_refused_and_the_old_one_stays(store, token, part):
    one = store("dc-desk1")
    key, _ = one.open("c5d1", token("c5d1"), None)
    one.save("c5d1", key, b"small")
    with pytest.raises(part("store_client").StoreError):
        one.save("c5d1", key, b"x" * 1001)
    one.close("c5d1", key)
    assert store("dc-desk2").open("c5d1", token("c5d1"), None)[1] == b"small"


def test_a_host_that_is_not_heard_of_loses_its_leases_and_cannot_write_any_more(part):
    leases = part("leases")
    book = leases.Leases(UNHEARD)
    lost, _ = book.take("c5d1", "dc-desk1", None, 100)
    with pytest.raises(leases.InUseError):
        book.take("c5d1", "dc-desk2", None, 100 + UNHEARD)
    new, had = book.take("c5d1", "dc-desk2", None, 101 + UNHEARD)
    assert not had
    assert not book.holds("c5d1", "dc-desk1", lost.key)
    assert book.report("dc-desk1", {"c5d1": lost.key}, 102 + UNHEARD) == (["c5d1"], [])
    assert leases.Leases(UNHEARD, book.kept()).holds("c5d1", "dc-desk2", new.key)


def test_a_report_keeps_the_leases(part):
    leases = part("leases")
    book = leases.Leases(UNHEARD)
    lease, _ = book.take("c5d1", "dc-desk1", None, 0)
    book.report("dc-desk1", {"c5d1": lease.key}, UNHEARD)
    with pytest.raises(leases.InUseError):
        book.take("c5d1", "dc-desk2", None, 2 * UNHEARD)


def a_load(part, **changes):
    """A host with nothing to do, with changes."""
    idle = {"sessions": 0, "places": 10, "memory_left": 1.0, "processors_busy": 0.0}
    state = {"drained": False, "closed": False, "serves": True}
    return part("load").Load(**{**idle, **state, **changes})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "up ready 100%\n"),
        ({"sessions": 5}, "up ready 50%\n"),
        ({"sessions": 5, "memory_left": 0.2}, "up ready 20%\n"),
        ({"processors_busy": 1.0}, "up ready 1%\n"),
        ({"sessions": 10}, "up drain\n"),
        ({"sessions": 1, "drained": True}, "up drain\n"),
        ({"sessions": 0, "drained": True}, "maint\n"),
        ({"sessions": 1, "drained": True, "closed": True}, "maint\n"),
        ({"serves": False}, "down#nothing listens\n"),
    ],
)
def test_the_brokers_are_told_of_a_hosts_scarcest_means(part, changes, told):
    assert part("load").answer(a_load(part, **changes)) == told


def test_a_port_listens_by_what_the_kernel_says_of_it(part, tmp_path):
    head = "  sl  local_address rem_address   st tx_queue rx_queue\n"
    tables = tmp_path / "proc" / "net"
    tables.mkdir(parents=True)
    (tables / "tcp").write_text(
        f"{head}   0: 0B00020A:0D3D 00000000:0000 0A 0:0\n   1: 0B00020A:0016 0100000A:C350 01 0:0\n"
    )
    assert part("load").listening(tmp_path) == {3389}  # 22 is only talked to; there may be no IPv6
    (tables / "tcp6").write_text(f"{head}   0: {'0' * 32}:0016 {'0' * 32}:0000 0A 0:0\n")
    assert part("load").listening(tmp_path) == {3389, 22}


def test_processors_count_by_this_hosts_own_use(part):
    processors = part("load").Processors(cores=2)
    for second in range(100):
        processors.look(1.0 + second, float(second))  # one of two cores
    assert processors.busy == pytest.approx(0.5, abs=0.01)


@pytest.mark.skipif(not shutil.which("zstd"), reason="no zstd on this machine")
def test_a_home_comes_back_as_it_was_less_what_is_made_anew(part, tmp_path):
    import os

    homes = part("homes")
    account = homes.Account(os.getuid(), os.getgid(), tmp_path / "home")
    homes.make(account)
    assert account.home.stat().st_mode & 0o777 == 0o700
    (account.home / "memo").write_text("for tomorrow")
    (account.home / ".cache").mkdir()
    archive = homes.pack(account)
    assert archive == homes.pack(account)
    homes.make(account)
    homes.unpack(account, archive)
    assert [path.name for path in account.home.iterdir()] == ["memo"]
    with pytest.raises(subprocess.CalledProcessError):
        homes.unpack(account, b"no archive")
    homes.remove(account)
    assert not account.home.exists()


@pytest.mark.parametrize("verb", ["open", "drain", "close", "return", "end", "sessions"])
def test_a_person_gives_a_session_host_no_orders(part, tmp_path, verb):
    settings = {
        "state": str(tmp_path),
        "store": "localhost",
        "store_port": 1,
        "pki": str(tmp_path),
        "people": {},
    }
    settings |= {"drain_file": str(tmp_path / "drain")}
    keeper = part("keeper").Keeper(settings)
    with pytest.raises(PermissionError):
        part("agent").obey(keeper, os.getuid() + 1, {"verb": verb, "person": "c5d1", "password": "x"})
    assert not (tmp_path / "drain").exists()
