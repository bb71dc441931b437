"""The client against a real PostgreSQL, which is killed under it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from omi.drill import client_file
from omi.drill.ledger import Window, acknowledgements, longest_silence, read, served_again, settle

PYTHON = "/usr/bin/python3"
"""Debian's, as on a terminal: psycopg2 comes with it."""


def ask(word: str, orders: dict[str, Any]) -> Any:
    """Let the client do one thing; what it prints."""
    done = subprocess.run(
        [PYTHON, str(client_file()), word],
        input=json.dumps(orders),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def orders(server: Any, tmp_path: Path) -> dict[str, Any]:
    file = str(tmp_path / "ledger")
    given = {"database": server.database(), "run": "r1", "file": file, "interval": 0.01, "deadline": 3}
    ask("prepare", given)
    return given


@contextmanager
def writing(orders: dict[str, Any]) -> Iterator[Callable[[int], None]]:
    """The client writes in the body. Yields a function that waits for so many more acknowledgements."""
    process = subprocess.Popen(
        [PYTHON, str(client_file()), "write"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(orders) + "\n")
    process.stdin.flush()

    def more(count: int) -> None:
        for line in process.stdout or ():
            count -= json.loads(line)["event"] == "acked"
            if count <= 0:
                return

    try:
        yield more
    finally:
        process.stdin.close()
        process.stdout.read()
        assert process.wait(timeout=20) == 0


def entries(orders: dict[str, Any]) -> Any:
    return read(Path(orders["file"]).read_text())


def test_every_acknowledged_row_is_there_once(orders):
    with writing(orders) as more:
        more(20)
    outcome = settle(entries(orders), ask("look", orders))
    assert outcome.acknowledged >= 20
    assert (outcome.lost, outcome.doubled, outcome.invented) == ((), 0, 0)


def test_a_server_killed_twice_loses_and_doubles_nothing(server, orders):
    with writing(orders) as more:
        more(10)
        for _ in range(2):
            start = time.monotonic()
            server.kill()
            server.start()
            more(10)
            end = time.monotonic()
    found = entries(orders)
    outcome = settle(found, ask("look", orders))
    assert outcome.acknowledged >= 30
    assert (outcome.lost, outcome.doubled, outcome.invented) == ((), 0, 0)
    window = Window(start, end)
    assert longest_silence(found, window, end) > 0.1
    assert served_again(found, window, end) is not None
    assert {entry.event for entry in found} >= {"sent", "acked", "refused"}


def test_a_row_that_was_taken_away_is_lost_and_one_put_in_is_doubled(server, orders, programs):
    with writing(orders) as more:
        more(10)
    statements = (
        "DELETE FROM drill.row WHERE number IN (2, 5)",
        "INSERT INTO drill.row (run, number, attempt) VALUES ('r1', 3, 1), ('r1', 999999, 1)",
    )
    for statement in statements:
        psql(server, programs, statement)
    outcome = settle(entries(orders), ask("look", orders))
    assert outcome.lost == (2, 5)
    assert outcome.doubled == 1
    assert outcome.invented == 1


def test_a_table_that_nobody_may_write_is_a_refusal_and_no_row_is_taken_for_written(server, orders, programs):
    with writing(orders) as more:
        more(5)
        psql(server, programs, "ALTER TABLE drill.row RENAME TO away")
        time.sleep(0.5)
        psql(server, programs, "ALTER TABLE drill.away RENAME TO row")
        more(5)
    found = entries(orders)
    assert any(entry.event == "refused" and "42P01" in entry.why for entry in found)
    assert settle(found, ask("look", orders)).lost == ()


def test_an_attempt_that_is_still_at_work_is_waited_for_and_not_written_twice(server, orders, programs):
    """Someone holds the table; the client's attempts pile up behind and would all write the same number."""
    given = orders | {"deadline": 0.3}
    with writing(given) as more:
        more(3)
        psql(server, programs, "BEGIN; LOCK TABLE drill.row; SELECT pg_sleep(2); COMMIT")
        more(3)
    found = entries(orders)
    assert any(entry.event == "unknown" and entry.why == "deadline" for entry in found)
    time.sleep(0.5)
    outcome = settle(found, ask("look", orders))
    assert (outcome.lost, outcome.doubled) == ((), 0)


def test_a_commit_with_a_warning_is_no_acknowledgement(server, orders, programs):
    """A commit that stopped waiting for its standby is local only; PostgreSQL says so in a warning."""
    with writing(orders) as more:
        more(3)
        psql(server, programs, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        psql(server, programs, "SELECT pg_reload_conf()")
        before = max(acknowledgements(entries(orders)))
        time.sleep(0.5)
        psql(
            server,
            programs,
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
        )
        time.sleep(0.3)
        psql(server, programs, "ALTER SYSTEM RESET synchronous_standby_names")
        psql(server, programs, "SELECT pg_reload_conf()")
        more(3)
    found = entries(orders)
    assert any("synchronous replication" in entry.why for entry in found if entry.event == "unknown")
    assert max(acknowledgements(found)) > before
    assert settle(found, ask("look", orders)).doubled == 0


def psql(server: Any, programs: Path, statement: str) -> None:
    database = server.database()
    where = ["-h", database["host"], "-p", str(database["port"]), "-U", database["user"], database["dbname"]]
    subprocess.run(
        [str(programs / "psql"), "-qX", *where, "-v", "ON_ERROR_STOP=1", "-c", statement],
        env={"PGPASSWORD": database["password"]},
        check=True,
        capture_output=True,
        timeout=30,
    )
