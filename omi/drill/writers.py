"""A client in every city that writes numbered rows while something is broken (omi/drill/client.py)."""

from __future__ import annotations

import json
import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from lab.errors import LabError
from omi.drill import client_file, numbered_file, terminals
from omi.drill.ledger import CityLedger, read
from omi.drill.reach import AT_ONCE, Lab

INTERVAL = 0.1
"""Seconds between two rows of a city."""
DEADLINE = 3.0
"""Seconds after which a client gives up a row's connection. Longer than TCP needs to send again over another line."""
ENDING = 60
"""Seconds within which a client that is told to stop has stopped."""


@dataclass(frozen=True)
class Writer:
    """A city's client: where it runs, and how it gets at the city's database (libpq's parameters)."""

    city: str
    host: str
    database: dict[str, Any]
    """Where it writes: libpq's parameters, or whatever another client takes in their place."""
    client: Path = field(default_factory=client_file)
    """Its program, which keeps the ledger that omi/drill/client.py tells of."""


@dataclass
class Running:
    """A client at work, and when it was last acknowledged a row (monotonic seconds)."""

    process: subprocess.Popen[str]
    thread: threading.Thread | None = None
    last: float = 0.0
    said: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Follow what the client tells, until it ends."""
        for line in self.process.stdout or ():
            if '"acked"' in line:
                self.last = float(json.loads(line)["at"])

    def complain(self) -> None:
        """Keep what it says on standard error."""
        for line in self.process.stderr or ():
            self.said.append(line.rstrip())


class Writers:
    """All cities' clients; a context manager, so that none is left behind. Raises lab.LabError."""

    def __init__(self, lab: Lab, writers: Iterable[Writer], run: str) -> None:
        self.lab, self.run = lab, run
        self.writers = {writer.city: writer for writer in writers}
        self.running: dict[str, Running] = {}
        self.stopped: float | None = None

    def __enter__(self) -> Writers:
        self.each(self.push)
        self.each(lambda w: self.ask(w, "prepare"))
        for writer in self.writers.values():
            self.running[writer.city] = self.start(writer)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def push(self, writer: Writer) -> None:
        """Put a city's client onto its terminal, and what all clients do beside it."""
        for name, file in (("numbered.py", numbered_file()), ("client.py", writer.client)):
            terminals.push(self.lab, writer.host, name, file)

    def each(self, work: Callable[[Writer], Any]) -> dict[str, Any]:
        """Do ``work`` for every city, several at a time."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(self.writers, pool.map(work, self.writers.values()), strict=True))

    def orders(self, writer: Writer) -> str:
        """What the client reads first; the password goes no other way."""
        return json.dumps(
            {
                "database": writer.database,
                "run": self.run,
                "file": f"{terminals.PLACE}/{self.run}.ledger",
                "interval": INTERVAL,
                "deadline": DEADLINE,
            }
        )

    def ask(self, writer: Writer, word: str) -> Any:
        """Let a city's client do one thing; what it answers."""
        words = f"python3 {terminals.PLACE}/client.py {word}"
        return json.loads(self.lab.on(writer.host, words, self.orders(writer) + "\n", seconds=120))

    def start(self, writer: Writer) -> Running:
        """Start a city's client."""
        orders = self.orders(writer)
        running = Running(terminals.start(self.lab, writer.host, "client.py write", orders, subprocess.PIPE))
        running.thread = threading.Thread(target=running.listen, daemon=True)
        running.thread.start()
        threading.Thread(target=running.complain, daemon=True).start()
        return running

    def behind(self, moment: float) -> list[str]:
        """The cities that were acknowledged nothing since ``moment``."""
        return [city for city, running in self.running.items() if running.last <= moment]

    def await_all(self, moment: float, seconds: float) -> bool:
        """Wait until every city was acknowledged a row after ``moment``; False if that takes longer."""
        deadline = time.monotonic() + seconds
        while self.behind(moment):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def warm_up(self, seconds: float = 20) -> None:
        """Wait until all cities write. Raises LabError, which names those that do not and what they say."""
        if self.await_all(time.monotonic() + 1, seconds):
            return
        said = {city: self.running[city].said[-1:] for city in self.behind(0)}
        raise LabError(
            f"these cities cannot write: {', '.join(said) or ', '.join(self.behind(0))} {said}",
            "see that the databases stand: `omi drill health`",
        )

    def stop(self) -> float:
        """Stop the clients; when the last of them was told to."""
        if self.stopped is None:
            self.stopped = terminals.end([running.process for running in self.running.values()], ENDING)
        return self.stopped

    def ledgers(self) -> dict[str, CityLedger]:
        """Each city's acknowledgements, from its own disk, and the rows that are found in its database."""

        def gather(writer: Writer) -> CityLedger:
            text = self.lab.on(writer.host, f"cat {shlex.quote(f'{terminals.PLACE}/{self.run}.ledger')}")
            rows = self.ask(writer, "look")
            return CityLedger(read(text), [(number, attempt) for number, attempt in rows])

        return self.each(gather)

    def copy_of(self, city: str, database: str) -> CityLedger:
        """A city's acknowledgements so far, and the rows of this run in another database that the city may read."""
        writer = self.writers[city]
        other = replace(writer, database=writer.database | {"dbname": database})
        text = self.lab.on(writer.host, f"cat {shlex.quote(f'{terminals.PLACE}/{self.run}.ledger')}")
        return CityLedger(read(text), [(number, attempt) for number, attempt in self.ask(other, "look")])

    def clear(self) -> None:
        """Take the rows and the ledgers of this run away."""
        self.each(lambda w: self.ask(w, "clear"))
        self.each(
            lambda w: self.lab.on(w.host, f"rm -f {shlex.quote(f'{terminals.PLACE}/{self.run}.ledger')}")
        )
