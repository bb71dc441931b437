"""Who has a profile out: at any time one session host has a person's profile, and only that one may write it back."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import Any


class InUseError(Exception):
    """Another session host has the profile; its name is the argument."""


@dataclass
class Lease:
    """A profile that is out."""

    key: str
    """Known to the host alone: what is written back must bear it."""
    host: str
    heard: float
    """When the host last said that it has it (seconds)."""
    wanted: bool = False
    """Somewhere else the same person is waiting for it."""


class Leases:
    """All profiles that are out. Times are seconds of one clock. Not safe for several threads at once."""

    def __init__(self, unheard: float, kept: dict[str, dict[str, Any]] | None = None) -> None:
        """``unheard``: a host that is silent for longer (seconds) has lost its leases. ``kept``: see kept()."""
        self.unheard = unheard
        self.out = {person: Lease(**lease) for person, lease in (kept or {}).items()}

    def take(self, person: str, host: str, known: str | None, now: float) -> tuple[Lease, bool]:
        """Lease the profile to ``host``. Whether the host has it already: it then shows the key it knows.

        Raises InUseError while another host has it, which is told so at its next report.
        """
        lease = self.out.get(person)
        if lease and lease.host == host and lease.key == known:
            lease.heard = now
            return lease, True
        if lease and lease.host != host and now - lease.heard <= self.unheard:
            lease.wanted = True
            raise InUseError(lease.host)
        self.out[person] = Lease(secrets.token_urlsafe(18), host, now)
        return self.out[person], False

    def holds(self, person: str, host: str, key: str) -> bool:
        """Whether this host has the profile, by this key. A lease that nobody took over is good again."""
        lease = self.out.get(person)
        return lease is not None and lease.host == host and secrets.compare_digest(lease.key, key)

    def report(self, host: str, keys: dict[str, str], now: float) -> tuple[list[str], list[str]]:
        """A host says what it has: which of it is lost to somebody else, and which is wanted elsewhere."""
        lost = [person for person, key in keys.items() if not self.holds(person, host, key)]
        mine = [(person, self.out[person]) for person in keys if person not in lost]
        for _, lease in mine:
            lease.heard = now
        return lost, [person for person, lease in mine if lease.wanted]

    def give_back(self, person: str) -> None:
        """The profile is in the store again."""
        del self.out[person]

    def kept(self) -> dict[str, dict[str, Any]]:
        """All of it, as plain data that survives a restart."""
        return {person: asdict(lease) for person, lease in self.out.items()}
