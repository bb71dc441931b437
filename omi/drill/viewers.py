"""People at the terminals of their cities, as a drill sees them: who comes when, and who sees a desktop."""

from __future__ import annotations

import json
import math
import random
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from ruamel.yaml import YAML

from inventory.desktop_plan import Person, password_of, people, zone
from inventory.topology import Topology
from lab.errors import LabError
from omi.drill import desktops, terminals
from omi.drill.note import Facts
from omi.drill.reach import Lab
from omi.drill.secrets import derived, master

CLIENT = Path(__file__).with_name("desktop_client.py")
LEAVING = 30
"""Seconds within which a terminal's program has ended once it is told to."""
SETTING_UP = 240
"""Seconds that people who sign in one after the other may take in all."""


@dataclass(frozen=True)
class Event:
    """What a terminal tells of a person (omi/drill/desktop_client.py); ``at`` in monotonic seconds."""

    event: str
    person: str
    at: float
    why: str = ""


def taking_turns(everybody: Iterable[Person], number: int) -> list[Person]:
    """So many people, one of each city before a second of any. Raises LabError where there are not so many."""
    counted: dict[str, int] = {}
    ranked = []
    for person in everybody:
        counted[person.city] = counted.get(person.city, 0) + 1
        ranked.append((counted[person.city], person))
    if number > len(ranked):
        raise LabError(
            f"there are {len(ranked)} people, not {number}", "declare more in cloud.yaml: desktops.people"
        )
    ranked.sort(key=lambda pair: pair[0])
    return [person for _, person in ranked[:number]]


def bell(number: int, seconds: float, seed: int) -> list[float]:
    """So many moments within ``seconds``, most of them in the middle: people come just before the bell."""
    chance = random.Random(seed)  # noqa: S311 - arrivals, no secrets
    moments: list[float] = []
    while len(moments) < number:
        moment = chance.gauss(seconds / 2, seconds / 6)
        if 0 <= moment <= seconds:
            moments.append(moment)
    return sorted(moments)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def background(lab: Lab) -> str:
    """The desktops' colour, as the role sets it."""
    file = lab.checkout / "ansible/roles/desktop_pool/defaults/main.yml"
    return str(YAML(typ="safe", pure=True).load(file.read_text())["desktop_pool_background"])


class Viewers:
    """People at the terminals of their cities; a context manager, so that all leave. Raises LabError."""

    def __init__(self, lab: Lab, arrivals: dict[Person, float]) -> None:
        """``arrivals``: who comes how many seconds from now."""
        self.lab = lab
        self.arrivals = arrivals
        self.processes: list[subprocess.Popen[str]] = []
        self.events: list[Event] = []
        self.came = threading.Condition()

    def __enter__(self) -> Viewers:
        word, colour = master(self.lab.paths), background(self.lab)
        for city in dict.fromkeys(person.city for person in self.arrivals):
            ours = [
                {"person": one.name, "password": derived(word, password_of(one)), "after": after}
                for one, after in self.arrivals.items()
                if one.city == city
            ]
            self._start(self._terminal(city), json.dumps({"sign_ins": ours, "background": colour}))
        return self

    def _terminal(self, city: str) -> str:
        site = self.lab.topology.site(city)
        return next(host.name for host in site.hosts if host.zone == zone(self.lab.topology))

    def _start(self, host: str, orders: str) -> None:
        terminals.push(self.lab, host, CLIENT.name, CLIENT)
        process = terminals.start(self.lab, host, CLIENT.name, orders, subprocess.DEVNULL)
        self.processes.append(process)
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            told = json.loads(line)
            with self.came:
                self.events.append(Event(told["event"], told["person"], told["at"], told.get("why", "")))
                self.came.notify_all()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """All go away from their terminals; the desktops stay. Those who are gone already stay gone."""
        terminals.end(self.processes, LEAVING)

    def first(self, event: str, after: float = 0.0) -> dict[str, float]:
        """Of each person the moment of the first such event after a moment."""
        found: dict[str, float] = {}
        for one in list(self.events):
            if one.event == event and one.at > after:
                found.setdefault(one.person, one.at)
        return found

    def seeing(self) -> set[str]:
        """Who has a desktop on the screen now."""
        last = {one.person: one.event for one in list(self.events)}
        return {person for person, event in last.items() if event == "shown"}

    def await_seeing(self, wanted: set[str], seconds: float) -> set[str]:
        """Wait until all of ``wanted`` see their desktop or have given up; who does not see it."""
        deadline = time.monotonic() + seconds
        with self.came:
            while wanted - self.seeing() - set(self.first("ended")) and time.monotonic() < deadline:
                self.came.wait(1.0)
        return wanted - self.seeing()


def everybody_sees(lab: Lab, viewers: Viewers) -> None:
    """Wait until all have their desktop. Raises LabError, which names those who do not."""
    lab.say("people sign in")
    missing = viewers.await_seeing({person.name for person in viewers.arrivals}, SETTING_UP)
    if missing:
        said = {one.person: one.why for one in viewers.events if one.event == "ended"}
        raise LabError(f"no desktop for {', '.join(sorted(missing))} {said}", "see `omi drill health`")


def one_of_each_city(topology: Topology, apart: float = 3.0) -> dict[Person, float]:
    """One person a city, one after the other."""
    everybody = people(topology)
    cities = dict.fromkeys(person.city for person in everybody)
    return {person: apart * turn for turn, person in enumerate(taking_turns(everybody, len(cities)))}


class AtWork(NamedTuple):
    """One person of each city at a desktop."""

    viewers: Viewers
    displays: dict[str, str]
    """Whose desktop is which (desktops.displays)."""
    memos: dict[str, str]
    """What each has written into a file."""

    def everybody(self) -> set[str]:
        """Their names."""
        return {person.name for person in self.viewers.arrivals}

    def at(self, host: str) -> set[str]:
        """Those whose desktop is on a session host."""
        return {person for person, display in self.displays.items() if display.split()[0] == host}

    def without_memo(self, found: dict[str, str]) -> int:
        """How many do not find what they have written."""
        return sum(found.get(person) != text for person, text in self.memos.items())


@contextmanager
def at_work(lab: Lab, _: Facts) -> Iterator[AtWork]:
    """Let one person of each city sign in and write. Raises LabError where somebody gets no desktop."""
    with Viewers(lab, one_of_each_city(lab.topology)) as viewers:
        everybody_sees(lab, viewers)
        memos = desktops.write_memos(lab, f"memo-{time.time_ns():x}")
        yield AtWork(viewers, desktops.displays(lab), memos)
