"""What is declared of the CS servers: the address at which the cities find whichever of them serves."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from inventory.quantity import Duration, Frozen


class CsServers(Frozen):
    """The pair's virtual address. The hosts themselves are among the data center's, with role ``cs``."""

    at: Annotated[int, Field(ge=11, le=239)]
    """Host part of the address, in the zone that the pair is in; its number among routers' virtual ones as well."""
    failover: Duration
    """Promise: the longest time without an answer when the one that serves dies."""
