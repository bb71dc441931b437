"""What the databases promise and what keeps the promise, as it is declared in cloud.yaml.

Every copy of the data says what it may lose: inside the data center nothing, because a commit waits for the other
node; in the backup center what was on its way, because a commit does not wait for the link.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from inventory.quantity import Duration, Frozen, Size

MEBIBYTE = 1024**2


class Copy(Frozen):
    """How a second copy is kept, and the data (as time) that may be gone with the first."""

    commit: Literal["synchronous", "asynchronous"]
    """synchronous: a commit is acknowledged when the copy has it; asynchronous: when the primary has it."""
    rpo: Duration


class Takeover(Frozen):
    """Patroni's timings: how soon a dead primary is replaced."""

    ttl: Duration
    """The primary is taken for dead when it has not renewed its lock for this long."""
    loop: Duration
    """Between two looks of a member at itself and the others."""
    retry: Duration
    """How long the consensus store may fail to answer before the primary steps down."""
    within: Duration
    """Promise: from the death of the primary's host to the first write that is acknowledged again."""

    @field_validator("ttl", "loop", "retry")
    @classmethod
    def _whole(cls, time: Duration) -> Duration:
        if time.base != round(time.base) or not 1 <= time.base <= 600:
            raise ValueError("a time that Patroni does not take; write whole seconds, 1 to 600")
        return time


class Log(Frozen):
    """The write-ahead log and what it may take of its volume."""

    volume: Size
    """The volume that holds the log and nothing else."""
    between_checkpoints: Size
    """PostgreSQL's max_wal_size."""
    kept: Size
    """Kept for a standby without a slot (wal_keep_size), such as one that has just become one."""
    slot_cap: Size
    """The most that is kept for a standby that does not fetch it (max_slot_wal_keep_size)."""

    @field_validator("volume", "between_checkpoints", "kept", "slot_cap")
    @classmethod
    def _enough(cls, size: Size) -> Size:
        if not 64 * MEBIBYTE <= size.base <= 1024**4:
            raise ValueError("no size for a log; write one from 68 MB to 1 TB")
        return size


class Memory(Frozen):
    """What a node gives to its sessions."""

    shared: Size
    """PostgreSQL's shared_buffers."""
    sessions: Annotated[int, Field(ge=50, le=5000)]
    """PostgreSQL's max_connections."""


class Databases(Frozen):
    """One database and one owner per city and system group, and how their copies are kept."""

    data_center: Copy
    backup_center: Copy
    takeover: Takeover
    disaster_within: Duration
    """Promise: from the decision to the service of the backup center."""
    log: Log
    memory: Memory
