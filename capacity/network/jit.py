"""Compilation, kept behind one name so that the compiled code stays fully typed for the reader and the checker."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def cache_folder() -> Path:
    """Where machine code is kept between runs: one folder for each state of this package's sources.

    The compiler's own check looks at the file of a function only, not at the files of what it calls; with the digest
    of all of them in the name, an old caller never meets a new callee.
    """
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "omi" / f"network-{digest.hexdigest()[:16]}"


CACHE = str(cache_folder())


def compiled(function: F) -> F:
    """``function`` as machine code, made at first use and kept on disk. Strict IEEE arithmetic: no fast-math."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = CACHE
    try:
        return cast(F, numba.njit(cache=True, error_model="numpy", _nrt=False)(function))
    except RuntimeError:  # nowhere to write: compile anew in each run
        return cast(F, numba.njit(function))
    finally:
        numba.config.CACHE_DIR = before
