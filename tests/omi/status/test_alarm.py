"""What a drill hears: an alert that begins after the fault, and its end; not one that was there before."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from inventory.model import Cloud
from inventory.topology import Topology
from lab.errors import LabError
from lab.paths import LabPaths
from omi.drill import alarm
from omi.drill.alarm import Alarm
from omi.drill.reach import Lab
from tests.omi.status.conftest import Asked, World
from tests.omi.status.test_monitor import fires, quiet


class Here(Lab):
    """A lab whose data center's monitor is this machine, and whose other monitor is dead."""

    def on(self, host: str, words: str, given: str | None = None, seconds: float = 60) -> str:
        if host != "dc-monitor1":
            raise LabError(f"no route to {host}", "look")
        return super().on(host, words, given, seconds)

    def command(self, host: str, words: str) -> list[str]:  # noqa: ARG002 - every host is this one
        return ["sh", "-c", words.replace("python3", "/usr/bin/python3")]


@pytest.fixture
def here(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    cloud: Cloud,
    topology: Topology,
    address: tuple[str, int],
) -> Here:
    monkeypatch.setattr(alarm, "zone_address", lambda _: address[0])
    monkeypatch.setattr(alarm, "MONITOR", address[1])
    return Here(cloud, topology, LabPaths(tmp_path / "lab"), tmp_path, lambda _: None)


def test_the_alert_of_a_fault_is_heard_once_and_its_end_too(
    here: Here, world: World, until: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarm, "CLEARS", 20.0)
    until(quiet)
    wanted = Alarm("HostDown", 60)
    fault_at = time.monotonic()
    with alarm.listening(here, wanted, fault_at) as ear:
        del world.shown["node", "dc-app2"]
        assert ear.moment is not None, "the body may wait for it"
    alerted = ear.figures()["alerted"]
    assert alerted == ear.moment - fault_at
    assert 15 <= alerted <= 60, "it waits 15 s before it fires"
    world.heal()
    repaired_at = time.monotonic()
    gone = alarm.cleared(here, wanted, fault_at, repaired_at)
    assert gone == {"alert_cleared": None}, "one monitor is dead, so nobody knows what it would say"


def test_an_alert_that_was_there_before_is_not_the_drills(here: Here, world: World, until: Asked) -> None:
    until(quiet)
    del world.shown["node", "dc-app2"]
    until(fires("HostDown"))
    time.sleep(2)
    with alarm.listening(here, Alarm("HostDown", 3), time.monotonic()) as ear:
        pass
    assert ear.figures() == {"alerted": None}
    world.heal()
    until(quiet)


def test_an_interrupt_is_not_held_up_by_a_monitor_that_has_nothing_to_say(here: Here, until: Asked) -> None:
    until(quiet)
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt), alarm.listening(here, Alarm("DiskFull", 20), begun):
        raise KeyboardInterrupt
    assert time.monotonic() - begun < 15


def test_a_drill_without_an_alert_is_not_waited_for(here: Here, cloud: Cloud) -> None:
    assert alarm.declared(cloud.file, "restore-city") is None
    with alarm.listening(here, None, 0.0) as ear:
        assert ear.moment is None
    assert ear.figures() == {}


def test_every_drill_that_names_an_alert_says_how_soon(cloud: Cloud) -> None:
    for drill in cloud.file.drills:
        assert (drill.alert is None) == (drill.limits.alerted is None), drill.name
