"""A scenario: links, flows over them, and what happens to the links. What a file of one may contain."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(min_length=1, max_length=200)]
LinkPath = Annotated[tuple[Identifier, ...], Field(min_length=1, strict=False)]
Seconds = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
BitsPerSecond = Annotated[float, Field(ge=0, le=1e18, allow_inf_nan=False)]


class Strict(BaseModel):
    """No unknown keys, no conversion between types, no change after it was made."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Link(Strict):
    """A directed link. ``capacity_bps`` 0: it is down."""

    id: Identifier
    capacity_bps: BitsPerSecond


class Flow(Strict):
    """``bytes`` to be sent over ``path`` from ``start_s`` on.

    ``weight`` is its share relative to others at the same bottleneck; ``rate_limit_bps`` what it never
    exceeds. ``alternatives`` are further paths in order of preference: see :class:`Scenario`.
    """

    id: Identifier
    start_s: Seconds
    bytes: Annotated[float, Field(gt=0, le=1e18, allow_inf_nan=False)]
    path: LinkPath
    weight: Annotated[float, Field(ge=1e-6, le=1e6, allow_inf_nan=False)] = 1.0
    rate_limit_bps: Annotated[float, Field(ge=1e-3, le=1e18, allow_inf_nan=False)] | None = None
    alternatives: Annotated[tuple[LinkPath, ...], Field(strict=False)] = ()


class Change(Strict):
    """From ``at_s`` on the link has this capacity. 0 cuts it: flows on it wait, or take an alternative."""

    at_s: Seconds
    link: Identifier
    capacity_bps: BitsPerSecond


class Scenario(Strict):
    """Links, flows, and changes of links.

    A link that has been down for ``detection_s`` without a break is known to be down; one that has been up
    again for as long is known to be up. Whenever that knowledge changes, each flow takes the first of its
    path and its alternatives with no link known to be down, so it also returns to a preferred path; it stays
    where it is if there is none. What a flow has sent, it has sent.
    """

    links: Annotated[tuple[Link, ...], Field(strict=False)]
    flows: Annotated[tuple[Flow, ...], Field(strict=False)]
    changes: Annotated[tuple[Change, ...], Field(strict=False)] = ()
    detection_s: Seconds = 0.0
