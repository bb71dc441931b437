"""``python3 -m omi_print.push``: seals what the cities have sent and hands it over, for as long as it runs."""

from __future__ import annotations

import logging
import time
from functools import partial
from pathlib import Path

from omi_print import sealing
from omi_print.gateway import Gateway, HandOver, Seal
from omi_print.ledger import Batch
from omi_print.settings import from_environment
from omi_print.states import State
from omi_print.transfer import RefusedError, Server, send

EVERY_S = 1.0
AFTER_FAILURE_S = 5.0

log = logging.getLogger("omi.push")


def once(gateway: Gateway, seal: Seal, hand_over: HandOver) -> int:
    """Take every batch as far as it goes now. Returns how many could not go on; why is in the log."""
    failed = 0
    gateway.tidy()
    for state, act in (
        (State.RECEIVED, partial(gateway.seal, seal=seal)),
        (State.SEALED, partial(gateway.hand_over, hand_over=hand_over)),
    ):
        for batch in gateway.ledger.standing(state):
            try:
                act(batch)
            except (OSError, RefusedError) as error:
                failed += 1
                log.error("%s stays %s: %s", batch.manifest.batch, state, error)
    return failed


def to_drop(server: Server, batch: Batch, sealed: Path) -> None:
    """Hand a sealed batch over. Raises OSError, RefusedError."""
    told = batch.manifest
    manifest = {
        "sha256": told.sha256,
        "bytes": told.bytes,
        "notices": told.notices,
        "carried_sha256": batch.carried.sha256,
        "carried_bytes": batch.carried.bytes,
    }
    state = send(server, f"/batches/{told.batch}", manifest, sealed)
    if state != State.ACCEPTED:
        raise ConnectionError(f"the drop says {state}")


def main() -> None:
    """Go on for ever."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    settings = from_environment()
    gateway = Gateway(settings.folder)
    seal = partial(sealing.seal, settings.key, settings.gnupg)
    while True:
        failed = once(gateway, seal, partial(to_drop, settings.drop))
        time.sleep(AFTER_FAILURE_S if failed else EVERY_S)


if __name__ == "__main__":
    main()
