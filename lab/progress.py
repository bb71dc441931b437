"""Showing the stages to people: a line each as it ends, and what those at work are doing meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from lab.stage import Event

NAME_WIDTH = 14
SIGN_OF_LIFE_SECONDS = 10.0


@dataclass(frozen=True)
class AtWork:
    """A stage that has begun: when (seconds of the monotonic clock), and the last detail it told."""

    began: float
    detail: str = ""


def lines(at_work: Mapping[str, AtWork], now: float) -> list[str]:
    """A line for each stage at work: name, whole seconds so far, what it does."""
    return [
        f"{name.ljust(NAME_WIDTH)} {now - stage.began:4.0f} s  {stage.detail}".rstrip()
        for name, stage in at_work.items()
    ]


class ConsoleReport:
    """A report (lab.stage.Report) on a rich console; a context manager, so it leaves no spinner and no thread.

    A terminal shows the stages at work below the lines of those that have ended. Elsewhere, such as in a log, the
    stages at work are printed every 10 s.
    """

    def __init__(self, console: Console, seconds: float = SIGN_OF_LIFE_SECONDS) -> None:
        """seconds: between two signs of life where the console is no terminal."""
        self._console = console
        self._seconds = seconds
        self._at_work: dict[str, AtWork] = {}
        self._lock = threading.Lock()
        self._status: Status | None = None
        self._left = threading.Event()
        self._signs = threading.Thread(target=self._show_signs_of_life, daemon=True)

    def __enter__(self) -> ConsoleReport:
        self._signs.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._signs.join()
        self._stop()

    def __call__(self, event: Event) -> None:
        """Show one event; may be called from any thread."""
        with self._lock:
            if event.kind == "begin":
                self._at_work[event.stage] = AtWork(time.monotonic())
            elif event.kind == "detail":
                self._at_work[event.stage] = AtWork(self._at_work[event.stage].began, event.text)
            else:
                self._at_work.pop(event.stage, None)
                self._stop()
                self._print_end(event)
            self._update()

    def _print_end(self, event: Event) -> None:
        word = event.text
        style = {"failed": "bold red", "ended": "red", "changed": "yellow"}.get(word, "green")
        name = event.stage.ljust(NAME_WIDTH)
        self._console.print(f"{name} [{style}]{word:<10}[/] {event.seconds:7.1f} s", highlight=False)

    def _show_signs_of_life(self) -> None:
        on_terminal = self._console.is_terminal
        while not self._left.wait(1.0 if on_terminal else self._seconds):
            with self._lock:
                if on_terminal:
                    self._update()
                else:
                    self._print_plain(lines(self._at_work, time.monotonic()))

    def _print_plain(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._console.print(f"  {text}", highlight=False, markup=False, soft_wrap=True)

    def _update(self) -> None:
        """Show on a terminal what is at work now, each stage cut to one line."""
        if not self._console.is_terminal or not self._at_work:
            return
        width = self._console.width - 4
        text = "\n  ".join(escape(line[:width]) for line in lines(self._at_work, time.monotonic()))
        if self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        self._status.update(text)

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
