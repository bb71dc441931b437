"""The pool of desktops, as declared: how many people and sessions there are, and what a lost host may cost."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from inventory.quantity import Duration, Frozen

MOST_PEOPLE = 199
"""Of one city. User numbers are ten thousand and two hundred a city, and end below 65,536 (250 cities)."""


class Desktops(Frozen):
    """The session hosts (role desk), their brokers (broker) and the store of profiles (profile)."""

    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE)]
    """Made-up people of each entitled city, in the lab."""
    places: Annotated[int, Field(ge=1, le=500)]
    """Sessions that a host takes; a host that is full gets no new ones."""
    unheard: Duration
    """A session host that is not heard of for so long has lost its desktops: their profiles can be had elsewhere."""
    saved_every: Duration
    """Between two copies of the profile of a desktop in use: what the loss of its host may take."""
    left_for: Duration
    """A desktop that nobody has looked at for so long is saved and ended."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if not 6 <= self.unheard.base <= 300:
            raise ValueError("a host reports every third of `unheard`; write 6 s to 5 min")
        if not 10 <= self.saved_every.base <= 3600:
            raise ValueError("profiles are copied whole; write saved_every from 10 s to 1 h")
        return self
