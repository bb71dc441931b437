"""Whether the person on duty is told: the monitors are listened to while a drill is played.

A drill's alert must begin after the fault, and be gone once all is well again. All hosts share the machine's clock.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import cached_property
from threading import Event
from typing import Literal, NamedTuple

from inventory.model import CloudFile
from inventory.monitoring import MONITOR, centers, zone_address
from inventory.topology import Host
from lab.errors import LabError
from omi.drill.objectives import Figures
from omi.drill.reach import Lab

LISTEN = """
import datetime, json, sys, time, urllib.request
base, name, since, wanted, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4], float(sys.argv[5])
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
def began(alert):
    whole = alert["activeAt"].split(".")[0].rstrip("Z")
    return datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc).timestamp() + 1
def fires():
    alerts = json.load(opener.open(base + "/api/v1/alerts", timeout=5))["data"]["alerts"]
    mine = [one for one in alerts if one["labels"]["alertname"] == name and one["state"] == "firing"]
    return any(began(one) >= since for one in mine)
end = time.time() + seconds
while time.time() < end:
    if fires() == (wanted == "firing"):
        print("yes")
        sys.exit()
    time.sleep(0.5)
print("no")
"""
"""To seconds: Prometheus says when an alert began to be so, before it fired."""
SPARE = 30.0
"""Seconds that are waited beyond the objective, so that a figure says by how much it was missed."""
SLICE = 5.0
"""Seconds that a monitor is listened to at a time: so long may it take to see that the other has said it."""
CLEARS = 180.0
"""Seconds after which an alert that is still there counts as stuck."""


class Alarm(NamedTuple):
    """The alert that a drill must raise, and how long is waited for it (seconds)."""

    name: str
    longest: float


class Question(NamedTuple):
    """What the monitors are asked: is ``alert``, begun after ``since`` (seconds since 1970), ``wanted``?"""

    alert: str
    since: float
    wanted: Literal["firing", "quiet"]


def declared(file: CloudFile, drill: str) -> Alarm | None:
    """A drill's alarm; None where none is declared, or how soon it must come is not."""
    for objective in file.drills:
        if objective.name == drill and objective.alert and objective.limits.alerted:
            return Alarm(objective.alert, objective.limits.alerted.base + SPARE)
    return None


def monitors(lab: Lab) -> list[Host]:
    """Those that there are."""
    return [host for site in centers(lab.topology) for host in site.hosts if host.role == "monitor"]


def ask(
    lab: Lab, monitor: Host, question: Question, seconds: float, enough: Event | None = None
) -> float | None:
    """The moment (monotonic) at which a monitor says what is wanted.

    None where it does not within ``seconds``, does not answer, or ``enough`` is set before.
    """
    base = f"http://{zone_address(monitor)}:{MONITOR}"
    arguments = [base, question.alert, f"{question.since:.0f}", question.wanted, f"{SLICE:.0f}"]
    words = " ".join(map(shlex.quote, ["python3", "-c", LISTEN, *arguments]))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not (enough and enough.is_set()):
        try:
            if lab.on(monitor.name, words, seconds=SLICE + 10).strip() == "yes":
                return time.monotonic()
        except LabError:
            time.sleep(1)  # lost with its center, perhaps; it may come back
    return None


class Ear:
    """Listens to the monitors beside whatever else goes on. Whichever of them says the alert first counts."""

    def __init__(
        self, alarm: Alarm | None = None, fault_at: float = 0.0, asked: Sequence[Future[float | None]] = ()
    ) -> None:
        self.alarm = alarm
        self.fault_at = fault_at
        self.asked = asked

    @cached_property
    def moment(self) -> float | None:
        """When the alert was first said (monotonic); waits for it. None: not in time, or there is none."""
        moments = (future.result() for future in as_completed(self.asked))
        return next((moment for moment in moments if moment is not None), None)

    def figures(self) -> Figures:
        """The figure ``alerted``, seconds since the fault; nothing where no alert is declared."""
        if self.alarm is None:
            return {}
        return {"alerted": None if self.moment is None else self.moment - self.fault_at}


@contextmanager
def listening(lab: Lab, alarm: Alarm | None, fault_at: float) -> Iterator[Ear]:
    """Listen beside the body. Leaving it waits until a monitor has said the alert, or the time is over."""
    if alarm is None:
        yield Ear()
        return
    question = Question(alarm.name, wall_clock(fault_at), "firing")
    pool, enough = ThreadPoolExecutor(), Event()
    try:
        asked = [pool.submit(ask, lab, monitor, question, alarm.longest, enough) for monitor in monitors(lab)]
        ear = Ear(alarm, fault_at, asked)
        yield ear
        lab.say(f"waiting for the alert {alarm.name}")
        ear.figures()  # waits
    finally:
        # a repair must not wait for a monitor that has nothing to say
        enough.set()
        pool.shutdown(wait=False, cancel_futures=True)


def wall_clock(moment: float) -> float:
    """A moment of the monotonic clock in seconds since 1970."""
    return time.time() - (time.monotonic() - moment)


def cleared(lab: Lab, alarm: Alarm | None, fault_at: float, repaired_at: float) -> Figures:
    """The figure ``alert_cleared``: seconds from the repair until no monitor says it any more."""
    if alarm is None:
        return {}
    lab.say(f"waiting until the alert {alarm.name} is gone")
    question = Question(alarm.name, wall_clock(fault_at), "quiet")
    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(ask, lab, monitor, question, CLEARS) for monitor in monitors(lab)]
        moments = [future.result() for future in asked]
    gone = [moment for moment in moments if moment is not None]
    return {"alert_cleared": max(gone) - repaired_at if len(gone) == len(moments) and gone else None}
