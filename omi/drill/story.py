"""The one story that every drill plays.

is all well?  ->  every city writes  ->  the fault  ->  what is seen  ->  the repair  ->  is all well again?
              ->  the cities stop    ->  every acknowledged row is looked for
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from lab.errors import LabError
from omi.drill import alarm, health, note
from omi.drill.figures import summarize
from omi.drill.ledger import Window
from omi.drill.note import Facts, Note
from omi.drill.objectives import Figures
from omi.drill.reach import Lab
from omi.drill.writers import Writer, Writers

AFTERWARDS = 2.0
"""Seconds that the cities write on once all is well, so that a late fault shows."""


@dataclass
class Scene:
    """One playing of a drill, as its functions see it. Moments are monotonic seconds."""

    lab: Lab
    writers: Writers
    facts: Facts
    stage: Any = None
    """What was under way when the fault came (Drill.before)."""
    ear: alarm.Ear = field(default_factory=alarm.Ear)
    """Hears the drill's alert, for a fault that people mend only once they are told."""
    fault_at: float = 0.0
    repair_at: float = 0.0
    """When the repair began; a silence that begins from here on is the repair's."""
    repaired_at: float = 0.0
    """When the repair was done; what follows is healing."""
    decided_at: float | None = None
    """When people decided; None where nobody has to."""
    concerned: tuple[str, ...] | None = None
    """The cities that the fault is about; None: all."""

    def since_fault(self) -> float:
        """Seconds."""
        return time.monotonic() - self.fault_at

    def await_writing(self, seconds: float) -> bool:
        """Wait until every city is acknowledged rows again, from now on; False if that takes longer."""
        return self.writers.await_all(time.monotonic(), seconds)


def nothing(_: Scene) -> Figures:
    """Where a drill has nothing of its own to see."""
    return {}


def nobody(_: Lab, __: Facts) -> AbstractContextManager[None]:
    """Where nothing else has to be under way."""
    return nullcontext()


@dataclass(frozen=True)
class Drill:
    """A drill in its own words. The functions raise lab.LabError."""

    name: str
    choose: Callable[[Lab, int], Facts]
    """What to break in this repetition (from 0), and all that the repair has to know. Changes nothing."""
    fault: Callable[[Lab, Facts], None]
    repair: Callable[[Lab, Facts], None]
    """Put it right, from whatever state: also half way, twice, or where the fault never came about."""
    observe: Callable[[Scene], Figures] = nothing
    """While the fault is in effect; returns when it may be repaired."""
    verify: Callable[[Scene], Figures] = nothing
    """Once all is well again."""
    heals: float = health.LONGEST
    """Seconds that the lab may take to be healthy after the repair."""
    writers: Callable[[Lab], list[Writer]] | None = None
    """The cities' clients, where they write into something else than their databases."""
    before: Callable[[Lab, Facts], AbstractContextManager[Any]] = nobody
    """What has to be under way when the fault comes, until the repair. It is the scene's stage."""


AwaitHealthy = Callable[[Lab, float], None]
"""Waits so many seconds until all is well; raises LabError where it does not become so."""


def put_right(
    lab: Lab, drills: Iterable[Drill], await_healthy: AwaitHealthy = health.await_healthy
) -> str | None:
    """Repair what an earlier drill left. The drill's name; None where nothing was left."""
    left = note.read(lab.paths)
    if left is None:
        return None
    for drill in drills:
        if drill.name == left.drill:
            lab.say(f"repairing what {left.drill} left at {left.since}")
            drill.repair(lab, left.facts)
            await_healthy(lab, drill.heals)
            note.remove(lab.paths)
            return drill.name
    raise LabError(
        f"a drill {left.drill!r} that is not known here has broken something: {left.facts}",
        f"repair it with the checkout that knows it, or by hand, and remove {note.place(lab.paths)}",
    )


@contextmanager
def in_effect(lab: Lab, drill: Drill, facts: Facts) -> Iterator[tuple[float, Any]]:
    """The fault, from before the body to the repair after it, whatever happens. Yields its moment and the stage.

    An interrupt breaks the body off and is repaired here; a kill leaves the note, for whoever comes next.
    """
    since = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    note.write(lab.paths, Note(drill=drill.name, facts=facts, since=since))
    try:
        with drill.before(lab, facts) as stage:
            moment = time.monotonic()
            drill.fault(lab, facts)
            yield moment, stage
    finally:
        lab.say("repairing")
        drill.repair(lab, facts)


def play(
    lab: Lab,
    drill: Drill,
    writers: Iterable[Writer],
    repetition: int = 0,
    await_healthy: AwaitHealthy = health.await_healthy,
) -> Figures:
    """Play a drill once; what was measured. The lab is healthy before and after. Raises LabError."""
    lab.say("is all well?")
    await_healthy(lab, health.BEFORE)
    run = f"{drill.name}-{time.time_ns():x}"
    with Writers(lab, writers, run) as at_work:
        lab.say("the cities begin to write")
        at_work.warm_up()
        facts = drill.choose(lab, repetition)
        scene = Scene(lab, at_work, facts)
        expected = alarm.declared(lab.cloud.file, drill.name)
        with in_effect(lab, drill, facts) as (scene.fault_at, scene.stage):
            lab.say("broken: " + ", ".join(str(value) for value in facts.values())[:80])
            with alarm.listening(lab, expected, scene.fault_at) as scene.ear:
                figures = drill.observe(scene)
            figures |= scene.ear.figures()
            scene.repair_at = time.monotonic()
        scene.repaired_at = time.monotonic()
        await_healthy(lab, drill.heals)
        note.remove(lab.paths)
        end = time.monotonic()
        figures |= {"healthy_again": end - scene.repaired_at} | drill.verify(scene)
        time.sleep(AFTERWARDS)
        stopped = at_work.stop()
        figures |= alarm.cleared(lab, expected, scene.fault_at, scene.repaired_at)
        lab.say("looking for every acknowledged row")
        ledgers = at_work.ledgers()
        window = Window(scene.fault_at, end, scene.repair_at)
        seen = summarize(ledgers, window, stopped, scene.decided_at, scene.concerned)
        at_work.clear()
        return seen | figures
