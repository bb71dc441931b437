"""The business system while parts of it go away and come back."""

from __future__ import annotations

import contextlib
import http.client
import threading
import uuid
from collections.abc import Iterator

import pytest

from .conftest import CITIES, business_host, loopback, tool

PERSON = {"kana": "ツヅク", "born": "1950-04-01", "address": "1", "since": "1980-04-01"}


class Clerk(threading.Thread):
    """A counter of one city that registers one resident after the other, each once."""

    def __init__(self, client, city: str) -> None:
        super().__init__()
        self.client, self.name_prefix = client, f"{city} {uuid.uuid4()}"
        self.statuses: list[int | str] = []
        self.broken = self.asks_again = 0
        self.closing = threading.Event()

    def run(self) -> None:
        while not self.closing.is_set():
            body = PERSON | {"name": f"{self.name_prefix} {len(self.statuses)}"}
            self.statuses.append(self.register(body, {"Idempotency-Key": str(uuid.uuid4())}))

    def register(self, body: dict[str, str], headers: dict[str, str]) -> int | str:
        """What became of it: a status, or what went wrong; asked again with the same key where allowed."""
        try:
            return self.client.ask("POST", "/resident-records/residents", body, headers).status
        except (OSError, http.client.HTTPException) as error:
            self.broken += 1
            return self.register(body, headers) if self.broken <= self.asks_again else repr(error)

    def finish(self) -> None:
        self.closing.set()
        self.join()


@contextlib.contextmanager
def at_work(clerks: list[Clerk]) -> Iterator[None]:
    """All of them; whatever happens, each ends once its request is answered."""
    for clerk in clerks:
        clerk.start()
    try:
        yield
    finally:
        for clerk in clerks:
            clerk.finish()


@pytest.fixture
def clerks(city):
    """A clerk a city, at work while the test runs; afterwards every request was answered and counted once."""
    working = {name: Clerk(city(name), name) for name in CITIES}
    with at_work([*working.values()]):
        yield working


def await_state(proxy, host, state: str) -> None:
    """Wait until HAProxy is sure that the host is UP or DOWN."""
    loopback.wait_until(
        lambda: f"{host.name} {state} " in tool(proxy, "status").stdout, f"{host.name} {state}"
    )


def registered(database, city: str, clerk: Clerk) -> int:
    query = f"SELECT count(*) FROM resident WHERE name LIKE '{clerk.name_prefix} %'"  # noqa: S608
    return int(database.sql(query, f"{city}_resident_records"))


def assert_none_failed(clerks, database) -> None:
    for name, clerk in clerks.items():
        clerk.finish()
        assert len(clerk.statuses) > 10
        assert set(clerk.statuses) <= ({200, 201} if clerk.asks_again else {201})
        assert registered(database, name, clerk) == len(clerk.statuses)


def test_a_rolling_restart_fails_no_request(clerks, proxy, applications, database, certificates):
    for host in applications:
        done = tool(proxy, "drain", host.name)
        assert done.returncode == 0, done.stderr
        assert f"{host.name} DRAIN 0" in tool(proxy, "status").stdout
        host.stop()
        host.start()
        probe = loopback.Client(host.port, certificates.file, certificates.folder / host.name)
        loopback.wait_until(lambda: probe.ask("GET", "/ready").status == 200, "warm")  # noqa: B023
        done = tool(proxy, "ready", host.name)
        assert done.returncode == 0, done.stderr
    assert_none_failed(clerks, database)


def test_a_host_that_dies_takes_no_request_with_it(clerks, proxy, applications, database):
    """What it had not begun to answer goes to the other; half an answer is asked for again. Nothing is made twice."""
    for clerk in clerks.values():
        clerk.asks_again = 1
    loopback.wait_until(lambda: all(len(c.statuses) > 5 for c in clerks.values()), "work")
    applications[0].kill()
    await_state(proxy, applications[0], "DOWN")
    refused = tool(proxy, "drain", "dc-app2")
    applications[0].start()
    await_state(proxy, applications[0], "UP")
    assert refused.returncode == 1
    assert "dc-app1 is DOWN: dc-app2 must stay" in refused.stderr
    assert_none_failed(clerks, database)


def test_nobody_is_sent_back_to_a_dead_host_while_the_other_is_spared(city, proxy, applications):
    """It has just come back and starts slowly; where it counts as full, HAProxy prefers the dead one."""
    returning, dying = applications
    returning.kill()
    await_state(proxy, returning, "DOWN")
    returning.start()
    crowd = [Clerk(city(name), name) for name in CITIES for _ in range(4)]
    for clerk in crowd:
        clerk.asks_again = 1
    with at_work(crowd):
        await_state(proxy, returning, "UP")
        dying.kill()
        await_state(proxy, dying, "DOWN")
    dying.start()
    await_state(proxy, dying, "UP")
    assert {status for clerk in crowd for status in clerk.statuses} <= {200, 201}


def test_a_database_that_restarts_fails_no_request(clerks, database):
    loopback.wait_until(lambda: all(len(c.statuses) > 5 for c in clerks.values()), "work")
    database.stop()
    database.start()
    seen = {name: len(clerk.statuses) for name, clerk in clerks.items()}
    loopback.wait_until(lambda: all(len(c.statuses) > seen[n] + 10 for n, c in clerks.items()), "work again")
    assert_none_failed(clerks, database)


@pytest.mark.usefixtures("migrated")
def test_a_host_is_not_ready_before_every_citys_database_has_answered(
    database, settings, certificates, tmp_path
):
    database.sql("ALTER DATABASE kusatsu_tax ALLOW_CONNECTIONS false")
    host = business_host("dc-app1", certificates, settings, tmp_path / "log")
    host.place(tmp_path)
    try:
        host.start()
        probe = loopback.Client(host.port, certificates.file, certificates.folder / "dc-app1")
        loopback.wait_until(lambda: probe.ask("GET", "/ready").json()["cold"] == ["kusatsu_tax"], "the rest")
        assert probe.ask("GET", "/ready").status == 503
        database.sql("ALTER DATABASE kusatsu_tax ALLOW_CONNECTIONS true")
        loopback.wait_until(lambda: probe.ask("GET", "/ready").status == 200, "all")
    finally:
        database.sql("ALTER DATABASE kusatsu_tax ALLOW_CONNECTIONS true")
        host.stop()
        host.leave()


def test_one_citys_broken_database_is_that_citys_alone(database, city, proxy):
    """The others go on; the host stays in service."""
    database.sql("ALTER DATABASE kusatsu_tax ALLOW_CONNECTIONS false")
    database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'kusatsu_tax'")
    try:
        assert city("kusatsu").ask("GET", "/tax/procedures/1").status == 503
        assert city("kusatsu").ask("GET", "/resident-records/procedures/1").status == 404
        assert city("konan").ask("GET", "/tax/procedures/1").status == 404
        assert tool(proxy, "refuse", "dc-app1").returncode == 0
    finally:
        database.sql("ALTER DATABASE kusatsu_tax ALLOW_CONNECTIONS true")


def test_the_tool_says_what_is_wrong(proxy):
    assert tool(proxy, "drain", "dc-app9").returncode == 2
    assert tool(proxy, "jump").returncode == 2
    nowhere = type("Nowhere", (), {"socket": "/nowhere/admin.sock"})
    assert tool(nowhere, "status").returncode == 3
