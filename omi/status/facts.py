"""What is so, as far as it is known, in no language. None always means: nobody knows."""

from __future__ import annotations

from typing import Literal

from inventory.quantity import Frozen
from inventory.verdict import Verdict


class Monitor(Frozen):
    """A monitor."""

    name: str
    problem: str | None
    """Why it does not answer; None if it does."""
    judges: bool
    """Whether its rules are looked at: the Watchdog is there."""


class Firing(Frozen):
    """An alert that fires, however many monitors say so."""

    name: str
    severity: str
    about: tuple[str, ...]
    """The labels that say what it is about, in the alert's own order."""
    since: float
    """Seconds since 1970."""


class Place(Frozen):
    """A center: how many of its hosts answer."""

    site: str
    hosts: int
    missing: tuple[str, ...] | None
    """Those that do not answer."""


class Line(Frozen):
    """A line, access or leg, seen from the center's end."""

    site: str
    """The site whose line it is."""
    kind: Literal["line", "access", "replication"]
    far: str
    """The edge router it ends at."""
    up: bool | None
    downs: int | None
    """How often it has gone down within the last day."""


class Database(Frozen):
    """A database node."""

    host: str
    role: Literal["primary", "second node", "standby leader", "standby", "stopped"] | None
    behind: int | None
    """Bytes of log that it has not received; None for a primary."""


class Store(Frozen):
    """A host that keeps backups."""

    host: str
    green: bool | None
    reasons: tuple[str, ...]
    checked: float | None
    """Seconds since 1970."""


class Certificate(Frozen):
    """A certificate on a host."""

    host: str
    name: str
    ends: float
    """Seconds since 1970."""


class Desk(Frozen):
    """A session host, as itself and the brokers see it."""

    host: str
    state: Literal["takes people", "drained", "lost"] | None
    sessions: int | None
    places: int | None


class Desktops(Frozen):
    """The pool of desktops: what stands, and what is declared for everybody (the verdict speaks of that)."""

    desks: tuple[Desk, ...]
    places: int
    places_far: int
    """In the backup center."""
    users: int


class Rehearsal(Frozen):
    """A drill's last playing."""

    drill: str
    title_en: str
    title_ja: str
    alert: str | None
    played: str | None
    """ISO 8601; None: never."""
    kept: bool
    here: bool
    """Whether it was played on this lab. A record of another one, or of one that is gone, tells nothing of this."""
    this_declaration: bool
    """Whether it was played on what is declared now."""
    figures: dict[str, tuple[float | None, float]]
    """Each limited figure: the worst that was measured (None: it never ended), and its limit."""


class Facts(Frozen):
    """All of it."""

    at: float
    digest: str
    monitors: tuple[Monitor, ...]
    alerts: tuple[Firing, ...] | None
    """None: no monitor judges."""
    places: tuple[Place, ...]
    lines: tuple[Line, ...]
    databases: tuple[Database, ...]
    stores: tuple[Store, ...]
    certificates: tuple[Certificate, ...] | None
    desktops: Desktops
    rehearsals: tuple[Rehearsal, ...]
    verdict: Verdict | None
