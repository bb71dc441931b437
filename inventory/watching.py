"""When somebody is told: the limits of the watch over the cloud, as they are declared in cloud.yaml.

What the limits mean is in :mod:`inventory.alerts`; who asks whom is in :mod:`inventory.monitoring`.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from inventory.quantity import Duration, Frozen, Share


class Flapping(Frozen):
    """A line that goes and comes back ``times`` within ``within`` is worse than one that stays away."""

    times: Annotated[int, Field(ge=2, le=100)]
    within: Duration


class Watching(Frozen):
    """How often every host is asked, and what is too much, too little, too old."""

    every: Duration
    """Between two questions to a host."""
    noticed_within: Duration
    """Promise: from a fault to its alert."""
    flapping: Flapping
    disk_left: Share
    """Less than this of a volume is left."""
    pool_used: Share
    """More than this of the sessions that a proxy may have are in use."""
    check_silent: Duration
    """A check of the backups that has said nothing for so long is as bad as a red one."""
    certificate_left: Duration
    """A certificate that ends sooner has not been renewed as it should have been."""
    authority_left: Duration
    """To replace the authority itself takes a round of every host."""
    kept: Duration
    """How long the figures are kept."""

    @field_validator("every")
    @classmethod
    def _whole(cls, time: Duration) -> Duration:
        if time.base != round(time.base) or not 1 <= time.base <= 60:
            raise ValueError("no interval to ask every host at; write whole seconds, 1 to 60")
        return time

    @field_validator("kept")
    @classmethod
    def _days(cls, time: Duration) -> Duration:
        if not 86400 <= time.base <= 400 * 86400:
            raise ValueError("too short to look back, or too long for a disk; write 1 to 400 days")
        return time

    @model_validator(mode="after")
    def _possible(self) -> Self:
        # An answer that is missing is waited for twice, so that one late answer is not an alert.
        if self.noticed_within.base < 5 * self.every.base:
            raise ValueError("a fault cannot be noticed within so few questions; ask more often (every)")
        return self
