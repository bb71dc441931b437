"""Receiving a file in pieces: resumable, because where to go on is simply how much is there.

The gateway receives texts from the cities in this way, the drop sealed files from the gateway.
"""

from __future__ import annotations

from collections.abc import Callable

from omi_print.disk import Disk, content
from omi_print.ledger import Batch, Ledger
from omi_print.manifest import Content, Manifest
from omi_print.states import Event, State

Finish = Callable[[Batch], list[str]]
"""Looks at a whole file whose digest is right, and does with it what is to be done. Returns what is wrong."""


class Mismatch(Exception):  # noqa: N818 - an answer to the sender
    """Nothing was taken, because of what the message says; ``offset`` is where to go on."""

    def __init__(self, wrong: list[str], offset: int) -> None:
        super().__init__("; ".join(wrong))
        self.wrong, self.offset = wrong, offset


class Intake:
    """Takes in files to ``disk``, notes them in ``ledger``; ``finish`` sees each when it is whole."""

    def __init__(self, ledger: Ledger, disk: Disk, finish: Finish, keep: bool) -> None:
        """``keep`` says whether a file is still needed when it is finished."""
        self._ledger, self._disk, self._finish, self._keep = ledger, disk, finish, keep

    def announce(self, manifest: Manifest, carried: Content) -> tuple[State, int]:
        """Begin a batch, or find out where it stands. Returns its state and where to go on (bytes)."""
        name = manifest.batch
        with self._disk.alone(name):
            self._ledger.begin(manifest, carried)
            batch = self._batch(name)
            if batch.manifest != manifest:
                raise Mismatch(["this content was announced with other figures"], self._disk.size(name))
            if batch.state is State.RECEIVING and batch.carried != carried:
                # The sender has sealed the batch anew: what is here of the old file is of no use.
                self._disk.remove(name)
                self._ledger.carry(name, carried)
            return self._completed(name)

    def append(self, name: str, offset: int, piece: bytes) -> tuple[State, int]:
        """Take a piece. Raises KeyError where the batch is unknown, Mismatch where the piece does not fit."""
        with self._disk.alone(name):
            batch, there = self._batch(name), self._disk.size(name)
            if batch.state is not State.RECEIVING:
                return batch.state, batch.carried.bytes
            if offset != there:
                raise Mismatch([f"{there} bytes are there, not {offset}"], there)
            if there + len(piece) > batch.carried.bytes:
                raise Mismatch([f"more than the {batch.carried.bytes} bytes that were announced"], there)
            self._disk.append(name, piece)
            return self._completed(name)

    def stands(self, name: str) -> tuple[State, int]:
        """Its state and where to go on. Raises KeyError where the batch is unknown."""
        batch = self._batch(name)
        receiving = batch.state is State.RECEIVING
        return batch.state, self._disk.size(name) if receiving else batch.carried.bytes

    def _batch(self, name: str) -> Batch:
        batch = self._ledger.find(name)
        if batch is None:
            raise KeyError(name)
        return batch

    def _completed(self, name: str) -> tuple[State, int]:
        """Finish the batch if all of it is there."""
        batch, there = self._batch(name), self._disk.size(name)
        if batch.state is State.RECEIVING and there >= batch.carried.bytes:
            wrong = [] if content(self._disk.path(name)) == batch.carried else ["the digest differs"]
            wrong = wrong or self._finish(batch)
            if wrong:
                self._disk.remove(name)
                self._ledger.note(batch, Event.DAMAGED)
                raise Mismatch(wrong, 0)
            self._ledger.note(batch, Event.VERIFIED)
            if not self._keep:
                self._disk.remove(name)
        return self.stands(name)
