"""Where this checkout is: in a module of its own, so that a word that needs no more imports no more."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
