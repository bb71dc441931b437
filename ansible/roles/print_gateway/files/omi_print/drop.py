"""The drop, which stands for the printing firm: takes sealed files, opens and checks them, counts each once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from omi_print.disk import Disk, Step, content, lines, unwatched
from omi_print.intake import Intake
from omi_print.ledger import Batch, Ledger
from omi_print.manifest import Content
from omi_print.states import DROP, State

Open = Callable[[Path, Path], None]
"""Decrypts a file to a new one; raises OSError where it cannot."""


class Drop:
    """Everything the drop keeps is in ``folder``: what may be printed in ``accepted``."""

    def __init__(self, folder: Path, unseal: Open, step: Step = unwatched) -> None:
        self._unseal = unseal
        self.arriving = Disk(folder / "arriving", step)
        self.accepted = Disk(folder / "accepted", step)
        self.ledger = Ledger(folder / "ledger.sqlite", DROP, step)
        self.intake = Intake(self.ledger, self.arriving, self._accept, keep=False)

    def tidy(self) -> None:
        """Remove what a stop between noting and removing left behind."""
        accepted = {batch.manifest.batch for batch in self.ledger.standing(State.ACCEPTED)}
        for name in set(self.arriving.names()) & accepted:
            self.arriving.remove(name)

    def _accept(self, batch: Batch) -> list[str]:
        """Open a whole file and put the text where it is printed from. The ledger is noted after that."""
        name, wanted = batch.manifest.batch, batch.manifest
        new = self.accepted.path(f".{name}.new")
        new.unlink(missing_ok=True)
        try:
            self._unseal(self.arriving.path(name), new)
        except OSError as error:
            return [f"cannot be opened: {error}"]
        if content(new) != Content(wanted.sha256, wanted.bytes) or lines(new) != wanted.notices:
            new.unlink()
            return ["the text is not the one that was announced"]
        self.accepted.place(new.name, name)
        return []
