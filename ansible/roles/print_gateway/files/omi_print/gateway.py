"""The gateway: takes texts from cities, seals them, hands them over. The pieces; web.py and push.py run them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from omi_print.disk import Disk, Step, content, lines, unwatched
from omi_print.intake import Intake
from omi_print.ledger import Batch, Ledger
from omi_print.states import GATEWAY, Event, State

Seal = Callable[[Path, Path], None]
"""Encrypts a file to a new one."""
HandOver = Callable[[Batch, Path], None]
"""Returns when the drop has said that it has accepted the batch; raises OSError otherwise."""


class Gateway:
    """Everything the gateway keeps is in ``folder``."""

    def __init__(self, folder: Path, step: Step = unwatched) -> None:
        self.texts = Disk(folder / "texts", step)
        self.sealed = Disk(folder / "sealed", step)
        self.ledger = Ledger(folder / "ledger.sqlite", GATEWAY, step)
        self.intake = Intake(self.ledger, self.texts, self._counted, keep=True)

    def _counted(self, batch: Batch) -> list[str]:
        """What is wrong with the number of notices."""
        found = lines(self.texts.path(batch.manifest.batch))
        if found == batch.manifest.notices:
            return []
        return ["the last line has no end" if found < 0 else f"{found} notices, not {batch.manifest.notices}"]

    def seal(self, batch: Batch, seal: Seal) -> None:
        """Encrypt a batch that was received."""
        name = batch.manifest.batch
        self.sealed.remove(f"{name}.new")
        seal(self.texts.path(name), self.sealed.path(f"{name}.new"))
        self.sealed.place(f"{name}.new", name)
        self.ledger.note(batch, Event.ENCRYPTED, content(self.sealed.path(name)))

    def hand_over(self, batch: Batch, hand_over: HandOver) -> None:
        """Bring a sealed batch to the drop, and forget its content once that has it. Raises OSError."""
        name = batch.manifest.batch
        if content(self.sealed.path(name)) != batch.carried:
            self.ledger.note(batch, Event.LOST)
            return
        hand_over(batch, self.sealed.path(name))
        self.ledger.note(batch, Event.HANDED_OVER)
        self.forget(name)

    def forget(self, name: str) -> None:
        """Remove what was delivered: the gateway keeps figures, not people's notices."""
        for disk in (self.texts, self.sealed):
            disk.remove(name)

    def tidy(self) -> None:
        """Remove what a stop between delivering and forgetting left behind."""
        delivered = {batch.manifest.batch for batch in self.ledger.standing(State.DELIVERED)}
        for name in {*self.texts.names(), *self.sealed.names()} & delivered:
            self.forget(name)
