"""What a drill may cost at most: the declared objectives that `omi drill` measures against.

A drill breaks one thing of the running lab on purpose. What it does is in omi/drill/drills/; what must hold meanwhile
is declared here, with its source, because "we can survive that" is a promise to the cities like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from inventory.quantity import Count, Duration, Frozen, Quantity, Text

DrillName = Annotated[
    str, Field(pattern=r"^[a-z]+(-[a-z]+){0,3}$", description="lower-case words joined by hyphens")
]

AlertName = Annotated[
    str, Field(pattern=r"^[A-Z][A-Za-z]{3,40}$", description="an alert of inventory/alerts.py")
]


class DrillTitle(Frozen):
    """What is broken, for people, in both languages."""

    en: Text
    ja: Text


class Limits(Frozen):
    """The most that each figure may be; a figure that is not named may be anything. Rows count for all cities."""

    silence: Duration | None = None
    """Between two acknowledgements of one city, from the fault until all is well again."""
    rto: Duration | None = None
    """From the fault (where people decide first: from the decision) until the last city is served again for good."""
    rows_lost: Count | None = None
    """Acknowledged, and not found afterwards."""
    rows_doubled: Count | None = None
    """Found more than once."""
    lost_span: Duration | None = None
    """How long before the fault the oldest lost row was acknowledged: the RPO in time."""
    noticed: Duration | None = None
    """From the fault until it is visible to whoever looks."""
    alerted: Duration | None = None
    """From the fault until its alert fires."""
    caught_up: Duration | None = None
    """From the repair until everything is protected again."""
    rows_differing: Count | None = None
    """Rows that are restored otherwise than they were."""
    requests_failed: Count | None = None
    """Of the business system's, in all cities."""
    others_silence: Duration | None = None
    """As silence, of the cities that are not concerned."""
    sign_in_p95: Duration | None = None
    """From the first click to the desktop, of 95 of 100 who sign in."""
    sign_ins_failed: Count | None = None
    """People who got no desktop at all."""
    desktop_back: Duration | None = None
    """From the fault until the last of those who were interrupted has a desktop again."""
    desktops_lost: Count | None = None
    """People who were at a desktop and are not at the same one, or at none, afterwards."""
    profiles_lost: Count | None = None
    """People whose files are not what they were."""
    desktops_on_drained_host: Count | None = None
    """People who were sent to a host that was to be empty."""

    def given(self) -> Iterator[tuple[str, Quantity]]:
        """Each limit that is declared, by its figure's name."""
        for name in type(self).model_fields:
            limit = getattr(self, name)
            if limit is not None:
                yield name, limit

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not any(True for _ in self.given()):
            raise ValueError("no limit at all; declare what the drill may cost, such as rows_lost")
        return self


class DrillObjective(Frozen):
    """One drill: what it breaks, and what that may cost."""

    name: DrillName
    title: DrillTitle
    limits: Limits
    alert: AlertName | None = None
    """What the person on duty is told meanwhile; none where nothing is broken that nobody has decided to break."""
