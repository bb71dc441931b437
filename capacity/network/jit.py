"""Compilation, behind two names, so that the code itself stays typed for the reader and the checker."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


SOURCES = ("filling", "groups", "heaps", "jit", "loop", "sharing")
"""The modules that machine code is made of."""


def cache_folder() -> Path:
    """Where machine code is kept between runs: one folder for each state of its sources.

    The compiler's own check looks at the file of a function only, not at the files of what it calls; with the
    digest of all of them in the name, an old caller never meets a new callee.
    """
    digest = hashlib.sha256()
    for module in SOURCES:
        digest.update(Path(__file__).with_name(f"{module}.py").read_bytes())
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "omi" / f"network-{digest.hexdigest()[:16]}"


CACHE = str(cache_folder())
OPTIONS = {"error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": False}
"""Strict IEEE arithmetic: no fast-math. ``_nrt`` off leaves out counting references to arrays: Python's
caller holds them all, nothing is allocated, and counting took nine tenths of the time."""
compiler: Any = numba.njit
settings: Any = numba.config


def compiled(function: F) -> F:
    """``function`` as machine code inside of compiled callers; Python cannot call it."""
    return cast(F, compiler(**OPTIONS, no_cpython_wrapper=True, forceinline=True)(function))


def callable_from_python(function: F) -> F:
    """``function`` and all it calls as machine code for Python, made at first use and kept on disk."""
    before = settings.CACHE_DIR
    settings.CACHE_DIR = CACHE
    try:
        return cast(F, compiler(**OPTIONS, cache=True)(function))
    except RuntimeError:  # nowhere to write: compile anew in each run
        return cast(F, compiler(**OPTIONS)(function))
    finally:
        settings.CACHE_DIR = before
