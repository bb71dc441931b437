"""Errors become a line (or many) on standard error and an exit status; no traceback reaches the user.

An error that is for the user says so by an ``exit_code`` of its own: 2 for wrong input
(inventory.problem.InvalidDeclarationError), 3 for the machine (lab.errors.LabError, :class:`OutputError`).
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import typer

MACHINE = 3
INTERRUPTED = 130
"""128 and the signal's number, as shells have it."""
NOBODY_READS = 141


class OutputError(Exception):
    """What was asked for could not be written."""

    exit_code = MACHINE

    def __init__(self, path: object, error: OSError) -> None:
        super().__init__(f"{path}: cannot be written ({error.strerror}); choose another --output")


@contextmanager
def told() -> Iterator[None]:
    """Tell what goes wrong inside in words, and leave with the exit status that belongs to it."""
    print_whatever_the_terminal_can()
    try:
        yield
        sys.stdout.flush()
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        stop_writing()
        raise typer.Exit(NOBODY_READS) from None
    except Exception as error:
        if is_typers_own(error):
            raise
        raise typer.Exit(tell(error)) from None


def is_typers_own(error: Exception) -> bool:
    """Whether typer itself acts on it: an exit, or a mistake in the words, which it shows with the usage."""
    return isinstance(error, typer.Exit | typer.Abort) or hasattr(error, "format_message")


def tell(error: Exception) -> int:
    """Print ``error`` for the user; the exit status."""
    status = getattr(error, "exit_code", None)
    if isinstance(status, int):
        typer.echo(str(error), err=True)
        return status
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        typer.echo(f"omi: {where}{error.strerror or error}", err=True)
        return MACHINE
    typer.echo(f"omi: a mistake in omi itself: {type(error).__name__}: {error}", err=True)
    typer.echo("set OMI_TRACEBACK=1 to see where, and report it", err=True)
    if os.environ.get("OMI_TRACEBACK"):
        traceback.print_exception(error)
    return MACHINE


def print_whatever_the_terminal_can() -> None:
    """A terminal without the characters for a name shows question marks; it is no reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def stop_writing() -> None:
    """Let what is still buffered go nowhere: the interpreter would complain at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
