"""OpenPGP by GnuPG: what the printing firm can open with any program of the kind. Why: docs/decisions/0077."""

from __future__ import annotations

import subprocess
from pathlib import Path


class SealError(OSError):
    """GnuPG could not; the message is its own."""


def seal(key: Path, home: Path, text: Path, sealed: Path) -> None:
    """Encrypt ``text`` to the public ``key`` (a file). Raises SealError."""
    recipient = ("--trust-model", "always", "--recipient-file", str(key))
    gpg(home, *recipient, "--output", str(sealed), "--encrypt", str(text))


def unseal(home: Path, sealed: Path, text: Path) -> None:
    """Decrypt by the private key in ``home``. Raises SealError."""
    gpg(home, "--output", str(text), "--decrypt", str(sealed))


def gpg(home: Path, *words: str) -> None:
    """Run GnuPG without asking anybody anything."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = ["/usr/bin/gpg", "--homedir", str(home), "--batch", "--no-tty", "--quiet", "--yes", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SealError(done.stderr.strip() or f"gpg ended with {done.returncode}")
