"""The pool of desktops as a drill sees it: people at the cities' terminals, the session hosts, the brokers."""

from __future__ import annotations

import json
import math
import random
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ruamel.yaml import YAML

from inventory.database_plan import with_role
from inventory.desktop_plan import Person, password_of, people, zone
from inventory.topology import Topology
from lab.errors import LabError
from omi.drill.reach import Lab
from omi.drill.secrets import derived, master

CLIENT = Path(__file__).with_name("desktop_client.py")
PLACE = "/var/lib/omi-drill"
LEAVING = 30
"""Seconds within which a terminal's program has ended once it is told to."""
SETTING_UP = 240
"""Seconds that people who sign in one after the other may take in all."""
GIVEN_BACK = 60
"""Seconds within which every profile is back in the store once its desktop has ended."""
LIBRARY = "/usr/local/lib/omi-desktop"
MEASURE = f"""
import json, os, sys
from pathlib import Path
sys.path.insert(0, "{LIBRARY}")
import load
memory = desktops = 0
for process in Path("/proc").iterdir():
    try:
        if process.name.isdigit() and process.stat().st_uid >= 10000:
            lines = (process / "smaps_rollup").read_text().splitlines()
            pss = next(line for line in lines if line.startswith("Pss:"))
            memory += int(pss.split()[1]) * 1024
            desktops += (process / "comm").read_text().strip() == "Xorg"
    except (OSError, StopIteration):
        pass
card = Path("/sys/class/net/lan-%s/statistics")
traffic = sum(int((card / name).read_text()) for name in ("rx_bytes", "tx_bytes"))
print(json.dumps({{"seconds": load.processor_seconds(), "memory": memory, "desktops": desktops, "bytes": traffic}}))
"""
STATES = "echo show stat desks | socat - /run/haproxy/admin.sock"


@dataclass(frozen=True)
class Event:
    """What a terminal tells of a person (omi/drill/desktop_client.py); ``at`` in monotonic seconds."""

    event: str
    person: str
    at: float
    why: str = ""


def desks(topology: Topology) -> list[str]:
    """The session hosts."""
    return [host.name for host in with_role(topology.data_center, "desk")]


def brokers(topology: Topology) -> list[str]:
    """The brokers."""
    return [host.name for host in with_role(topology.data_center, "broker")]


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
            self._start(self._terminal(city), json.dumps({"sign_ins": ours, "background": colour}) + "\n")
        return self

    def _terminal(self, city: str) -> str:
        site = self.lab.topology.site(city)
        return next(host.name for host in site.hosts if host.zone == zone(self.lab.topology))

    def _start(self, host: str, orders: str) -> None:
        self.lab.on(host, f"mkdir -p {PLACE} && cat > {PLACE}/desktop_client.py", CLIENT.read_text())
        process = subprocess.Popen(
            self.lab.command(host, f"exec python3 {PLACE}/desktop_client.py"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.processes.append(process)
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()
        if process.stdin:
            process.stdin.write(orders)
            process.stdin.flush()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            told = json.loads(line)
            with self.came:
                self.events.append(Event(told["event"], told["person"], told["at"], told.get("why", "")))
                self.came.notify_all()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes:
            if process.stdin:
                process.stdin.close()
        for process in self.processes:
            try:
                process.wait(LEAVING)
            except subprocess.TimeoutExpired:
                process.kill()

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


def measured(lab: Lab) -> dict[str, float]:
    """All session hosts together: processor seconds, bytes on the wire, memory and number of desktops."""
    script = MEASURE % zone(lab.topology)
    answers = [json.loads(lab.on(host, "python3 -", script)) for host in desks(lab.topology)]
    return {name: sum(one[name] for one in answers) for name in answers[0]}


def sessions(lab: Lab) -> dict[str, list[str]]:
    """Session host to the people who have a desktop there. A host that does not answer is left out."""
    answers = lab.everywhere(desks(lab.topology), "desktop-host sessions")
    return {host: said.split() for host, said in answers.items() if isinstance(said, str)}


def displays(lab: Lab) -> dict[str, str]:
    """Person to host and number of the process that draws the desktop: the same one, if it is the same desktop."""
    words = "ps -C Xorg -o user:16=,pid="
    answers = lab.everywhere(desks(lab.topology), f"{words} || true")
    lines = [
        (host, line.split())
        for host, said in answers.items()
        if isinstance(said, str)
        for line in said.splitlines()
    ]
    return {person: f"{host} {number}" for host, (person, number) in lines}


def sign_everybody_out(lab: Lab) -> None:
    """End all desktops, and wait until the profiles are given back. Raises LabError where one is not."""
    deadline = time.monotonic() + GIVEN_BACK
    while left := {host: people for host, people in sessions(lab).items() if people}:
        for host, there in left.items():
            lab.on(host, "; ".join(f"desktop-host end {person}" for person in there), seconds=120)
        if time.monotonic() > deadline:
            raise LabError(f"these desktops do not end: {left}", "see the journal of desktop-agent there")
        time.sleep(1)


def write_memos(lab: Lab, text: str) -> dict[str, str]:
    """Write a file into each home that is out; the person to what was written."""
    written = {}
    for host, there in sessions(lab).items():
        for person in there:
            lab.on(host, f"runuser -u {person} -- sh -c 'cat > ~/memo' ", f"{text} {person}")
            written[person] = f"{text} {person}"
    return written


def memos(lab: Lab) -> dict[str, str]:
    """The same files, wherever their people are now."""
    words = "for p in $(desktop-host sessions); do echo \"$(runuser -u $p -- sh -c 'cat ~/memo')\"; done"
    answers = lab.everywhere(desks(lab.topology), words)
    lines = [line for said in answers.values() if isinstance(said, str) for line in said.splitlines() if line]
    return {line.rsplit(" ", 1)[1]: line for line in lines}


def states(stat: str) -> dict[str, str]:
    """HAProxy's table of servers (CSV): server to its state, such as UP, DRAIN, DOWN."""
    rows = [line.split(",") for line in stat.removeprefix("# ").splitlines() if line.strip()]
    column = rows[0].index("status")
    return {row[1]: row[column].split()[0] for row in rows[1:] if row[0] == "desks" and row[1] != "BACKEND"}


def pool_problems(found: dict[str, Any], wanted: Iterable[str]) -> list[str]:
    """What is not well in the pool. ``found``: broker to what it says of the session hosts, or why it does not."""
    problems = []
    for broker, stat in found.items():
        if isinstance(stat, Exception):
            problems.append(f"{broker}: the broker does not answer")
            continue
        seen = states(stat)
        problems += [
            f"{desk}: {seen.get(desk, 'unknown').lower()} at {broker}"
            for desk in wanted
            if seen.get(desk) != "UP"
        ]
    return problems


def health(lab: Lab) -> list[str]:
    """The pool, asked of both brokers. All is well where there is none."""
    return pool_problems(dict(lab.everywhere(brokers(lab.topology), STATES)), desks(lab.topology))
