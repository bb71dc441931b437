"""The way of a batch, stopped at any step and taken up again: delivered exactly once, counted once."""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omi_print.disk import content
from omi_print.drop import Drop
from omi_print.gateway import Gateway
from omi_print.intake import Mismatch
from omi_print.manifest import Content, Manifest
from omi_print.push import once
from omi_print.states import DROP, GATEWAY, Event, State, after

PIECE = 7
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of our own in it
"""Crashes here are those of programs; so nothing waits for a disk."""


class CrashError(BaseException):
    """The power went: nothing may catch it."""


class Power:
    """Goes off at the steps whose numbers it was given, counted from the last time it went off."""

    def __init__(self, after_steps: list[int]) -> None:
        self._left = list(after_steps)
        self._steps = 0

    def step(self, _: str) -> None:
        if self._left and self._steps >= self._left[0]:
            self._left.pop(0)
            self._steps = 0
            raise CrashError
        self._steps += 1


def seal(text: Path, sealed: Path) -> None:
    """Stands for GnuPG, which the loopback test runs: another result each time, and it can be undone."""
    salt = secrets.token_bytes(8)
    sealed.write_bytes(salt + bytes(b ^ salt[i % 8] for i, b in enumerate(text.read_bytes())))


def unseal(sealed: Path, text: Path) -> None:
    salt, rest = sealed.read_bytes()[:8], sealed.read_bytes()[8:]
    text.write_bytes(bytes(b ^ salt[i % 8] for i, b in enumerate(rest)))


def upload(intake, manifest: Manifest, carried: Content, data: bytes) -> State:
    """What a sender does: announce, and send from where the other side stands."""
    state, offset = intake.announce(manifest, carried)
    while state is State.RECEIVING:
        state, offset = intake.append(manifest.batch, offset, data[offset : offset + PIECE])
    return state


class World:
    """Gateway and drop in one folder, with the cities that send."""

    def __init__(self, folder: Path, power: Power, texts: dict[str, list[bytes]]) -> None:
        self.folder, self.power, self.texts = folder, power, texts

    def run(self) -> None:
        """From the beginning to the end, or to the next crash: all programs start anew."""
        gateway = Gateway(self.folder / "gateway", self.power.step)
        drop = Drop(self.folder / "drop", unseal, self.power.step)
        drop.tidy()
        for city, texts in self.texts.items():
            for text in texts:
                manifest = manifest_of(city, text)
                upload(gateway.intake, manifest, Content(manifest.sha256, manifest.bytes), text)

        def hand_over(batch, sealed: Path) -> None:
            state = upload(drop.intake, batch.manifest, batch.carried, sealed.read_bytes())
            assert state is State.ACCEPTED

        assert once(gateway, seal, hand_over) == 0

    def until_done(self) -> None:
        """Start again after every crash."""
        while True:
            try:
                return self.run()
            except CrashError:
                continue


def manifest_of(city: str, text: bytes) -> Manifest:
    return Manifest(city, hashlib.sha256(text).hexdigest(), len(text), text.count(b"\n"))


TEXTS = st.lists(
    st.lists(st.binary(max_size=6).map(lambda b: b.replace(b"\n", b"") + b"\n"), min_size=1, max_size=4).map(
        b"".join
    ),
    max_size=2,
)


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries({"konan": TEXTS, "yasu": TEXTS}), st.lists(st.integers(0, 40), max_size=6))
def test_each_batch_arrives_once_wherever_the_power_goes(texts, crashes):
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        world = World(Path(folder), Power(crashes), texts)
        world.until_done()
        world.until_done()  # all of it is sent once more
        gateway, drop = Gateway(Path(folder, "gateway")), Drop(Path(folder, "drop"), unseal)
        wanted = {manifest_of(city, text).batch: text for city, all_of in texts.items() for text in all_of}
        assert {name: drop.accepted.path(name).read_bytes() for name in drop.accepted.names()} == wanted
        counts = {
            city: {"batches": len(set(all_of)), "notices": sum(text.count(b"\n") for text in set(all_of))}
            for city, all_of in texts.items()
            if all_of
        }
        assert drop.ledger.counts(State.ACCEPTED) == counts
        assert gateway.ledger.counts(State.DELIVERED) == counts
        assert gateway.texts.names() == gateway.sealed.names() == drop.arriving.names() == []


def test_the_power_really_goes():
    """The property above would be worth nothing if no step were watched."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        steps: list[str] = []
        power = Power([])
        power.step = steps.append  # type: ignore[method-assign]
        World(Path(folder), power, {"konan": [b"1\n"]}).run()
        kinds = {step.split()[0] for step in steps}
        assert kinds >= {"append", "appended", "place", "placed", "remove", "removed", "note", "noted"}
        assert len(steps) > 30


def received(folder: Path) -> Gateway:
    gateway = Gateway(folder)
    manifest = manifest_of("konan", b"1\n2\n")
    upload(gateway.intake, manifest, Content(manifest.sha256, manifest.bytes), b"1\n2\n")
    return gateway


def test_a_sealed_file_that_rotted_is_sealed_anew(tmp_path):
    gateway = received(tmp_path)
    gateway.seal(gateway.ledger.standing(State.RECEIVED)[0], seal)
    (batch,) = gateway.ledger.standing(State.SEALED)
    gateway.sealed.path(batch.manifest.batch).write_bytes(b"rotten")
    handed = []
    once(gateway, seal, lambda batch, _: handed.append(batch))
    assert not handed
    once(gateway, seal, lambda batch, _: handed.append(batch))
    assert len(handed) == 1
    assert handed[0].carried != batch.carried


@pytest.mark.parametrize(
    ("notices", "text", "wrong"),
    [(3, b"1\n2\n", "2 notices, not 3"), (1, b"1\n2", "the last line has no end")],
)
def test_notices_are_counted_not_believed(tmp_path, notices, text, wrong):
    gateway = Gateway(tmp_path)
    manifest = manifest_of("konan", text)._replace(notices=notices)
    with pytest.raises(Mismatch, match=wrong):
        upload(gateway.intake, manifest, Content(manifest.sha256, manifest.bytes), text)
    assert gateway.ledger.counts(State.RECEIVED) == {}
    assert gateway.texts.names() == []


def test_a_piece_that_does_not_fit_is_not_taken(tmp_path):
    gateway = Gateway(tmp_path)
    manifest = manifest_of("konan", b"12345678\n")
    gateway.intake.announce(manifest, Content(manifest.sha256, manifest.bytes))
    gateway.intake.append(manifest.batch, 0, b"1234")
    for offset, piece in ((0, b"1234"), (5, b"5"), (4, b"567890\n")):
        with pytest.raises(Mismatch) as caught:
            gateway.intake.append(manifest.batch, offset, piece)
        assert caught.value.offset == 4
    with pytest.raises(Mismatch, match="digest"):
        gateway.intake.append(manifest.batch, 4, b"abcd\n")
    assert gateway.intake.stands(manifest.batch) == (State.RECEIVING, 0)
    assert content(gateway.texts.path(manifest.batch)) == Content("", 0)


def test_what_is_accepted_once_is_not_opened_again(tmp_path):
    drop = Drop(tmp_path, unseal)
    text = b"1\n"
    (tmp_path / "text").write_bytes(text)
    for _ in range(2):
        seal(tmp_path / "text", tmp_path / "sealed")
        sealed = tmp_path / "sealed"
        state = upload(drop.intake, manifest_of("konan", text), content(sealed), sealed.read_bytes())
        assert state is State.ACCEPTED
    assert drop.ledger.counts(State.ACCEPTED) == {"konan": {"batches": 1, "notices": 1}}


@pytest.mark.parametrize("transitions", [GATEWAY, DROP])
def test_nothing_happens_to_a_batch_that_is_through(transitions):
    for event in Event:
        for state in (State.DELIVERED, State.ACCEPTED):
            with pytest.raises(ValueError, match="cannot happen"):
                after(transitions, state, event)


def test_a_batch_that_is_sealed_anew_begins_again_at_the_drop(tmp_path):
    """Of the old sealed file, a part had arrived."""
    drop = Drop(tmp_path / "drop", unseal)
    manifest = manifest_of("konan", b"1\n2\n")
    (tmp_path / "text").write_bytes(b"1\n2\n")
    seal(tmp_path / "text", tmp_path / "old")
    seal(tmp_path / "text", tmp_path / "new")
    drop.intake.announce(manifest, content(tmp_path / "old"))
    drop.intake.append(manifest.batch, 0, (tmp_path / "old").read_bytes()[:5])
    assert drop.intake.announce(manifest, content(tmp_path / "new")) == (State.RECEIVING, 0)
    sealed = tmp_path / "new"
    assert upload(drop.intake, manifest, content(sealed), sealed.read_bytes()) is State.ACCEPTED
