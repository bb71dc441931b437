"""What holds for all tests."""

from __future__ import annotations

import signal
import threading


def pytest_configure() -> None:
    """Let an interrupt interrupt.

    A shell starts what runs in the background with SIGINT ignored, and every child inherits that; but some tests
    interrupt a command of ours as a person at the keyboard would.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)
