"""All desktops of a session host: whose profile is here, saved when it is due, given back when its desktop has ended.

Why like this: docs/decisions/0083. agent.py asks it in the name of people, sessions and brokers.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import homes
import load
from homes import Account
from store_client import LeaseLostError, StoreClient, StoreError, WrongPasswordError, token

LOG = logging.getLogger("desktop-agent")
PULSE = 1.0
"""Seconds between two looks at who is still there."""
STARTING = 60.0
"""Seconds within which a desktop has begun after its sign-in."""
FETCHING = 60.0
"""Seconds that a session waits for its profile."""
DISPLAY = "Xorg"
"""A person with such a process has a desktop."""


@dataclass
class Desktop:
    """Somebody who is signed in here. Moments are monotonic seconds."""

    account: Account
    key: str | None = None
    """The lease; None while another host still has the profile."""
    opened: float = field(default_factory=time.monotonic)
    begun: bool = False
    saved: float = field(default_factory=time.monotonic)
    digest: str = ""
    ready: threading.Event = field(default_factory=threading.Event)
    busy: threading.Lock = field(default_factory=threading.Lock)
    """Held while its home is being packed or given back."""


class Keeper:
    """All desktops of this host."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.state = Path(settings["state"])
        self.store = StoreClient(settings["store"], settings["store_port"], Path(settings["pki"]))
        self.accounts = {
            name: Account(person["uid"], person["gid"], Path(person["home"]))
            for name, person in settings["people"].items()
        }
        self.desktops: dict[str, Desktop] = {}
        self.lock = threading.RLock()
        self.processors = load.Processors(os.cpu_count() or 1)
        self.looked, self.serves = float("-inf"), False
        self._recall()

    # -- what survives a restart of the keeper ------------------------------------------------------------------

    def _recall(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            for person, key in json.loads((self.state / "leases.json").read_text()).items():
                desktop = Desktop(self.accounts[person], key)
                desktop.ready.set()
                self.desktops[person] = desktop

    def _note(self) -> None:
        with self.lock:
            known = {person: one.key for person, one in self.desktops.items() if one.ready.is_set()}
            new = self.state / ".leases.json"
            new.touch(mode=0o600)
            new.write_text(json.dumps(known))
            new.replace(self.state / "leases.json")

    def sweep(self) -> None:
        """Remove homes that a crash of the host has left: their people may long be at work elsewhere."""
        for person, account in self.accounts.items():
            if person not in self.desktops:
                homes.end(account)
                homes.remove(account)

    # -- sign-in -----------------------------------------------------------------------------------------------

    def open(self, person: str, password: str) -> None:
        """Check the password and begin to fetch the profile. Raises WrongPasswordError and StoreError."""
        account = self.accounts.get(person)
        if account is None:
            raise WrongPasswordError(person)
        with self.lock:
            desktop = self.desktops.get(person)
        if desktop is not None:
            with desktop.busy:  # a sign-out that is still being saved comes first
                pass
        with self.lock:
            desktop = self.desktops.get(person)
            known = desktop.key if desktop else None
        proof = token(person, password)
        key, archive = self.store.open(person, proof, known)
        if desktop is not None and key == known:
            return  # back at the own desktop, or a profile that is still being fetched
        homes.end(account)  # a desktop whose lease the store has forgotten is nobody's
        with self.lock:
            self.desktops[person] = desktop = Desktop(account, key)
        homes.make(account)
        threading.Thread(target=self._fetch, args=(person, desktop, proof, archive), daemon=True).start()

    def _fetch(self, person: str, desktop: Desktop, proof: str, archive: bytes | None) -> None:
        """Fill the home; where another host still has the profile, as soon as it has given it back."""
        deadline = time.monotonic() + FETCHING
        try:
            while archive is None:
                if time.monotonic() > deadline:
                    raise StoreError("another host does not give the profile back")
                time.sleep(PULSE)
                desktop.key, archive = self.store.open(person, proof, None)
            homes.unpack(desktop.account, archive)
        except (StoreError, WrongPasswordError, subprocess.SubprocessError, OSError) as error:
            LOG.error("%s: no profile: %s", person, error)
            self._forget(person, desktop)  # an empty home must never be saved over the profile
            homes.end(desktop.account)
            return
        desktop.ready.set()
        self._note()
        LOG.info("%s: profile of %d bytes", person, len(archive))

    def await_ready(self, person: str) -> bool:
        """Wait until the person's home is filled."""
        with self.lock:
            desktop = self.desktops.get(person)
        return desktop is not None and desktop.ready.wait(FETCHING)

    # -- while there are desktops -------------------------------------------------------------------------------

    def pulse(self) -> None:
        """Once: save and give back what is due."""
        self.processors.look(time.monotonic(), load.processor_seconds())
        present = self.present()
        running = homes.processes() if present else {}
        for person, desktop in present.items():
            if DISPLAY in running.get(desktop.account.uid, {}).values():
                desktop.begun = True
                self._save_if_due(person, desktop)
            elif desktop.ready.is_set() and (desktop.begun or time.monotonic() - desktop.opened > STARTING):
                self._close(person, desktop)

    def present(self) -> dict[str, Desktop]:
        """All desktops at this moment."""
        with self.lock:
            return dict(self.desktops)

    def _save_if_due(self, person: str, desktop: Desktop) -> None:
        due = time.monotonic() - desktop.saved > self.settings["saved_every_s"]
        if due and desktop.ready.is_set():
            desktop.saved = time.monotonic()
            self._attempt(person, desktop, lambda: self._save(person, desktop))

    def _save(self, person: str, desktop: Desktop) -> None:
        archive = homes.pack(desktop.account)
        digest = hashlib.sha256(archive).hexdigest()
        if digest != desktop.digest:
            self.store.save(person, str(desktop.key), archive)
            desktop.digest = digest

    def _close(self, person: str, desktop: Desktop) -> None:
        def close() -> None:
            homes.end(desktop.account)
            self._save(person, desktop)
            self.store.close(person, str(desktop.key))
            homes.remove(desktop.account)
            self._forget(person, desktop)
            LOG.info("%s: profile given back", person)

        self._attempt(person, desktop, close)

    def _attempt(self, person: str, desktop: Desktop, act: Any) -> None:
        """Do it; what the store cannot take now is tried again at the next pulse."""
        with desktop.busy:
            try:
                act()
            except LeaseLostError:
                LOG.error("%s: another host has taken the profile over; this desktop ends", person)
                homes.end(desktop.account)
                homes.remove(desktop.account)
                self._forget(person, desktop)
            except (StoreError, subprocess.SubprocessError, OSError) as error:
                LOG.warning("%s: not saved: %s", person, error)

    def _forget(self, person: str, desktop: Desktop) -> None:
        with self.lock:
            if self.desktops.get(person) is desktop:
                del self.desktops[person]
        self._note()

    def report(self) -> None:
        """Tell the store that we are there; end what is wanted elsewhere or no longer ours."""
        keys = {person: one.key for person, one in self.present().items() if one.key}
        lost, wanted = self.store.alive(keys)
        for person in {*lost, *wanted} & set(keys):
            LOG.warning(
                "%s: %s", person, "lost to another host" if person in lost else "wanted at another host"
            )
            homes.end(self.accounts[person])

    # -- for the brokers and for people ---------------------------------------------------------------------------

    def load(self) -> load.Load:
        """This host now."""
        return load.Load(
            sessions=len(self.desktops),
            places=self.settings["places"],
            memory_left=load.memory_left(),
            processors_busy=self.processors.busy,
            drained=self.drain_file.exists(),
            closed=self.drain_file.exists() and self.drain_file.read_text() == "close",
            serves=self._serves(),
        )

    def _serves(self) -> bool:
        # The brokers ask several times a second, and for each answer the kernel walks a table of all connections.
        if time.monotonic() - self.looked > PULSE:
            self.looked, self.serves = time.monotonic(), load.listening() >= set(self.settings["ports"])
        return self.serves

    @property
    def drain_file(self) -> Path:
        """It is there while the host is being drained; it survives a restart of the host."""
        return Path(self.settings["drain_file"])
