"""What holds for all tests."""

from __future__ import annotations

import signal
import threading

import pytest


def pytest_configure() -> None:
    """Let an interrupt interrupt.

    A shell starts what runs in the background with SIGINT ignored, and every child inherits that; but some tests
    interrupt a command of ours as a person at the keyboard would.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_declaration(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell that is ready for a lab of another declaration does not change what the unit tests are about."""
    if request.node.get_closest_marker("live") is None:
        monkeypatch.delenv("OMI_INVENTORY", raising=False)
