"""Showing the stages to people: a line each, on a terminal with a sign of life, in a pipe plain."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.status import Status

from lab.stage import Event

NAME_WIDTH = 14


class ConsoleReport:
    """A report (lab.stage.Report) on a rich console; a context manager, so it leaves no spinner."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def __enter__(self) -> ConsoleReport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        name = event.stage.ljust(NAME_WIDTH)
        if event.kind == "begin":
            self._show(name)
        elif event.kind == "detail":
            self._show(f"{name} {event.text}")
        else:
            self._stop()
            word = "failed" if event.kind == "fail" else event.text
            style = {"failed": "bold red", "changed": "yellow"}.get(word, "green")
            self._console.print(f"{name} [{style}]{word:<10}[/] {event.seconds:7.1f} s", highlight=False)

    def _show(self, text: str) -> None:
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        self._status.update(text)

    def _stop(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
