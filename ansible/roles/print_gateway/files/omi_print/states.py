"""What can become of a batch. Pure: where it stands, what happened, where it stands then.

Every step may be taken twice: whoever is stopped between doing something and noting it does it again, and the second
time changes nothing. So "exactly once" needs no more than that each note is durable before the next step begins.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a batch stands, at the gateway or (RECEIVING, ACCEPTED) at the printing firm's drop."""

    RECEIVING = "receiving"
    RECEIVED = "received"
    """Whole, and what its manifest says."""
    SEALED = "sealed"
    """Encrypted to the firm's key."""
    DELIVERED = "delivered"
    """The drop has said that it has it."""
    ACCEPTED = "accepted"
    """At the drop: opened, checked and counted."""


class Event(StrEnum):
    """What happened to a batch."""

    VERIFIED = "verified"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    LOST = "lost"
    """The sealed file is not what was noted of it."""
    HANDED_OVER = "handed over"


GATEWAY = {
    (State.RECEIVING, Event.VERIFIED): State.RECEIVED,
    (State.RECEIVING, Event.DAMAGED): State.RECEIVING,
    (State.RECEIVED, Event.ENCRYPTED): State.SEALED,
    (State.SEALED, Event.LOST): State.RECEIVED,
    (State.SEALED, Event.HANDED_OVER): State.DELIVERED,
}
DROP = {
    (State.RECEIVING, Event.VERIFIED): State.ACCEPTED,
    (State.RECEIVING, Event.DAMAGED): State.RECEIVING,
}
Transitions = dict[tuple[State, Event], State]


def after(transitions: Transitions, state: State, event: Event) -> State:
    """The state after ``event``. Raises ValueError where it cannot happen in ``state``."""
    try:
        return transitions[state, event]
    except KeyError:
        raise ValueError(f"{event} cannot happen to a batch that is {state}") from None
