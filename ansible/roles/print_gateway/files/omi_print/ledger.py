"""What has become of every batch: a table in SQLite, each note on disk before the next step begins."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from omi_print.disk import Step, unwatched
from omi_print.manifest import Content, Manifest
from omi_print.states import Event, State, Transitions, after

TABLE = """
CREATE TABLE IF NOT EXISTS batch (
  name TEXT PRIMARY KEY,
  city TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  notices INTEGER NOT NULL,
  state TEXT NOT NULL,
  carried_sha256 TEXT NOT NULL,
  carried_bytes INTEGER NOT NULL,
  changed TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT
"""
COLUMNS = "city, sha256, bytes, notices, state, carried_sha256, carried_bytes"


class Batch(NamedTuple):
    """A batch, where it stands, and the file that is carried for it: the text, or the sealed file."""

    manifest: Manifest
    state: State
    carried: Content


class Ledger:
    """The notes of the gateway or of the drop: which, its ``transitions`` say."""

    def __init__(self, file: Path, transitions: Transitions, step: Step = unwatched) -> None:
        self._file, self._transitions, self._step = file, transitions, step
        with self._noting("table") as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(TABLE)

    @contextmanager
    def _noting(self, what: str) -> Iterator[sqlite3.Connection]:
        self._step(f"note {what}")
        with closing(sqlite3.connect(self._file, timeout=10)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            with connection:
                yield connection
        self._step(f"noted {what}")

    def find(self, name: str) -> Batch | None:
        """The batch called ``name``."""
        found = self._select("WHERE name = ?", name)
        return found[0] if found else None

    def standing(self, state: State) -> list[Batch]:
        """The batches in ``state``, the one that waits longest first."""
        return self._select("WHERE state = ? ORDER BY changed, name", state)

    def _select(self, where: str, value: str) -> list[Batch]:
        with closing(sqlite3.connect(self._file, timeout=10)) as connection:
            rows = connection.execute(f"SELECT {COLUMNS} FROM batch {where}", (value,)).fetchall()  # noqa: S608
        return [Batch(Manifest(*row[:4]), State(row[4]), Content(*row[5:])) for row in rows]

    def begin(self, manifest: Manifest, carried: Content) -> None:
        """Note a new batch; one that is there stays as it is."""
        with self._noting("begin") as connection:
            connection.execute(
                f"INSERT OR IGNORE INTO batch (name, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                (manifest.batch, *manifest, State.RECEIVING, *carried),
            )

    def carry(self, name: str, carried: Content) -> None:
        """Another file will come for a batch that is still being received."""
        with self._noting("carry") as connection:
            connection.execute(
                "UPDATE batch SET carried_sha256 = ?, carried_bytes = ? WHERE name = ? AND state = ?",
                (*carried, name, State.RECEIVING),
            )

    def note(self, batch: Batch, event: Event, carried: Content | None = None) -> None:
        """Note what happened to ``batch``. Raises ValueError where it cannot, or somebody was quicker."""
        state = after(self._transitions, batch.state, event)
        with self._noting(event) as connection:
            done = connection.execute(
                "UPDATE batch SET state = ?, carried_sha256 = ?, carried_bytes = ?, changed = CURRENT_TIMESTAMP"
                " WHERE name = ? AND state = ?",
                (state, *(carried or batch.carried), batch.manifest.batch, batch.state),
            )
            if done.rowcount != 1:
                raise ValueError(f"{batch.manifest.batch} is no longer {batch.state}")

    def counts(self, state: State) -> dict[str, dict[str, int]]:
        """Per city the batches in ``state`` and the notices in them."""
        with closing(sqlite3.connect(self._file, timeout=10)) as connection:
            rows = connection.execute(
                "SELECT city, count(*), sum(notices) FROM batch WHERE state = ? GROUP BY city ORDER BY city",
                (state,),
            ).fetchall()
        return {city: {"batches": batches, "notices": notices} for city, batches, notices in rows}
