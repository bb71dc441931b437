"""A session with PostgreSQL, through psql: it needs nothing that is not on every host with PostgreSQL's client."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from types import TracebackType
from typing import Any

from omi_backup.run import FailedError, identity

END = "omi-end-of-answer"
PLAIN = (
    "-c datestyle=ISO -c intervalstyle=postgres -c timezone=UTC -c extra_float_digits=1 -c bytea_output=hex"
    " -c statement_timeout=0"
)
"""Settings that a row's text depends on."""


class Session:
    """One connection, open until it is closed. Every statement raises FailedError with the server's words."""

    def __init__(self, connection: str, database: str, user: str | None = None) -> None:
        """Connect to ``database`` as ``connection`` (libpq) says, with psql run by ``user`` if we are root."""
        self._said = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115 - closed with the session
        self._psql = subprocess.Popen(
            [
                "psql",
                "-XAtq",
                "-v",
                "ON_ERROR_STOP=1",
                f"{connection} connect_timeout=10 dbname='{database}'",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            env={
                "PATH": "/usr/bin:/bin",
                "LC_ALL": "C.UTF-8",
                "PGCLIENTENCODING": "UTF8",
                "PGOPTIONS": PLAIN,
            },
            cwd="/",
            **identity(user),
        )
        assert self._psql.stdin is not None and self._psql.stdout is not None  # noqa: S101, PT018 - both are pipes
        self._stdin, self._stdout = self._psql.stdin, self._psql.stdout

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._psql.terminate()
        self._psql.communicate()
        self._said.close()

    def do(self, statement: str) -> list[str]:
        """Run ``statement``; the lines it answers."""
        self.send(statement)
        return self.answer()

    def send(self, statement: str) -> None:
        """Begin ``statement``; `answer` has to follow."""
        # of a psql that has gone the answer tells, with its last words
        with contextlib.suppress(OSError):
            self._stdin.write(f"{statement};\n\\echo {END}\n")
            self._stdin.flush()

    def answer(self) -> list[str]:
        """The lines that the statement sent last answers."""
        lines: list[str] = []
        for line in self._stdout:
            if line.rstrip("\n") == END:
                return lines
            lines.append(line.rstrip("\n"))
        self._psql.wait()
        self._said.seek(0)
        raise FailedError(f"psql: {' '.join(self._said.read().split())[:300]}")

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of ``query``, each a mapping of its columns."""
        told = self.do(f"SELECT coalesce(json_agg(q), '[]') FROM ({query}) q")  # noqa: S608 - our own queries
        found: list[dict[str, Any]] = json.loads("\n".join(told))
        return found


def literal(text: str) -> str:
    """``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def identifier(*names: str) -> str:
    """A qualified SQL name."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)
