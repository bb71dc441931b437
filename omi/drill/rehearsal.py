"""Drills one after the other, each as often as asked, judged and kept."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from lab import identity
from lab.errors import LabError
from lab.paths import LabPaths
from omi.drill import measurement, story
from omi.drill.databases import writers
from omi.drill.drills import DRILLS
from omi.drill.measurement import Measurement, Repetition
from omi.drill.objectives import Figures, Judged, judge, objective_of
from omi.drill.reach import Lab
from omi.drill.secrets import master
from omi.drill.story import Drill


@contextmanager
def alone(paths: LabPaths) -> Iterator[None]:
    """One run at a time may break or load the lab: two would measure each other. Raises LabError."""
    paths.run.mkdir(parents=True, exist_ok=True)
    with (paths.run / "load.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LabError("another run is loading or breaking this lab", "wait until it has ended") from None
        yield


def say_of(say: Callable[[str], None], which: str, text: str) -> None:
    """Say what is going on in one of several drills."""
    say(f"{which}: {text}")


@dataclass(frozen=True)
class Played:
    """One playing of a drill, judged."""

    drill: str
    judged: list[Judged]
    figures: Figures

    @property
    def kept(self) -> bool:
        """Whether every objective was met."""
        return all(one.kept for one in self.judged)


def chosen(names: Sequence[str]) -> list[Drill]:
    """The drills of these names. Raises LabError, which names those there are."""
    unknown = [name for name in names if name not in DRILLS]
    if unknown:
        raise UnknownDrillError(unknown)
    return [DRILLS[name] for name in names]


class UnknownDrillError(Exception):
    """A drill was asked for that there is not."""

    exit_code = 2

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"no drill {', '.join(map(repr, names))}; there are: {', '.join(DRILLS)}")


def rehearse(
    lab: Lab, drills: Sequence[Drill], repeat: int, folder: Path, told: Callable[[Played], None]
) -> list[Measurement]:
    """Play each drill ``repeat`` times; what is kept of each is written to ``folder`` as soon as it is complete.

    Raises InvalidDeclarationError for a drill without an objective, before anything is broken, and LabError where the
    lab has no identity yet or does not become healthy.
    """
    which = identity.read(lab.paths)
    if which is None:
        raise LabError(
            "this lab has no identity: its drills could not be told from another's", "run `omi lab up`"
        )
    objectives = {drill.name: objective_of(lab.cloud.file, drill.name) for drill in drills}
    at_work = writers(lab.topology, master(lab.paths))
    machine, commit = measurement.this_machine(), measurement.this_commit(lab.checkout)
    story.put_right(lab, DRILLS.values())
    kept = []
    for place, drill in enumerate(drills, 1):
        repetitions: list[Repetition] = []
        clients = drill.writers(lab) if drill.writers else at_work
        for number in range(repeat):
            named = replace(
                lab, say=partial(say_of, lab.say, f"{place}/{len(drills)} {drill.name} {number + 1}/{repeat}")
            )
            figures = measurement.rounded(story.play(named, drill, clients, number))
            played = Played(drill.name, judge(objectives[drill.name], figures), figures)
            repetitions.append(Repetition(at=measurement.now(), figures=figures, kept=played.kept))
            told(played)
        judged = judge(objectives[drill.name], {})
        done = measurement.measurement(
            drill.name, judged, repetitions, machine, commit, lab.topology.digest, which.id
        )
        measurement.write(folder, done)
        kept.append(done)
    return kept
