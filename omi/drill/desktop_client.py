"""Signs people in to their desktops from a city's terminal and watches what they see; runs on the terminal.

The first line of standard input holds the orders (JSON): ``sign_ins``, a list of ``person``, ``password`` and
``after`` (seconds from now), and ``background`` ("#rrggbb", the desktop's). Each person has a screen of their own
(Xvfb) and the terminal's own program (``desktop``) on it. Everybody stays until standard input ends.

Events, a line of JSON each, with ``person`` and ``at`` (monotonic seconds, the machine's):

begun   The connection is being asked for; from here a person waits.
shown   The desktop is on the screen for good: its background, and a window on it.
gone    It is no longer on the screen.
ended   The program has given up, or the person was signed out; ``why`` is the end of what it said.

Standard library only.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 1024, 768
LINE = WIDTH * 4
"""Bytes of a line of the screen."""
LOOKED_AT = range(20, 700, 20)
"""Lines that are looked at; the panel is below them."""
PAUSE = 0.1
"""Seconds between two looks."""
LASTING = 5
"""Looks for which a change has to last: while a desktop begins, its windows come and go. The first one is told."""
BACKGROUND, WINDOW = 0.2, 0.05
"""Least shares of the screen that are background and not background."""


def is_desktop(lines: list[bytes], background: bytes) -> bool:
    """Whether a screen shows a desktop: its background (blue, green, red) and a window. A blank one does not."""
    pixels = sum(len(line) for line in lines) // 4
    painted = sum(line.count(background) for line in lines) / pixels
    return painted >= BACKGROUND and 1 - painted >= WINDOW


def pixels_of(colour: str) -> bytes:
    """``#rrggbb`` as it lies in the screen's memory."""
    return bytes.fromhex(colour.removeprefix("#"))[::-1]


class Screen:
    """A screen that nobody sees, in a file: Xvfb."""

    def __init__(self, folder: Path) -> None:
        words = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]
        self.process = subprocess.Popen(
            [*words, "-fbdir", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None  # noqa: S101 - it was asked for
        self.display = f":{self.process.stdout.readline().strip()}"
        self.memory = (folder / "Xvfb_screen0").open("rb", buffering=0)
        self.start = (folder / "Xvfb_screen0").stat().st_size - LINE * HEIGHT

    def lines(self) -> list[bytes]:
        """Some lines of what is on it."""
        found = []
        for number in LOOKED_AT:
            self.memory.seek(self.start + number * LINE)
            found.append(self.memory.read(LINE))
        return found

    def close(self) -> None:
        """Switch it off."""
        self.process.kill()
        self.process.wait()
        self.memory.close()


class Steady:
    """What is seen, without what lasts for less than LASTING looks."""

    def __init__(self) -> None:
        self.shown = False
        self.since: list[float] = []
        """Moments of the looks that said otherwise, the last ones in a row."""

    def look(self, shown: bool, now: float) -> float | None:
        """One look at the moment ``now``: the moment at which ``shown`` has changed, if by now it has."""
        self.since = [] if shown == self.shown else [*self.since, now]
        if len(self.since) < LASTING:
            return None
        self.shown, changed = shown, self.since[0]
        self.since = []
        return changed


def tell(event: str, person: str, at: float | None = None, **more: Any) -> None:
    """One event, of now where no other moment is given."""
    moment = time.monotonic() if at is None else at
    line = json.dumps({"event": event, "person": person, "at": moment, **more})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def sign_in(order: dict[str, Any], background: bytes, stop: threading.Event) -> None:
    """One person, from the first click until everybody goes."""
    if stop.wait(order["after"]):
        return
    with tempfile.TemporaryDirectory(prefix="desktop-") as name:
        folder = Path(name)
        screen = Screen(folder)
        try:
            with (folder / "said").open("w+") as said:
                show(order, background, screen, said, stop)
        finally:
            screen.close()


def show(order: dict[str, Any], background: bytes, screen: Screen, said: Any, stop: threading.Event) -> None:
    """Start the terminal's program and tell what is seen."""
    person = order["person"]
    environment = {"DISPLAY": screen.display, "HOME": "/root", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    tell("begun", person)
    program = subprocess.Popen(
        ["desktop", person],
        stdin=subprocess.PIPE,
        stdout=said,
        stderr=said,
        env=environment,
        start_new_session=True,
    )
    assert program.stdin is not None  # noqa: S101 - it was asked for
    program.stdin.write(order["password"].encode() + b"\n")
    program.stdin.close()
    steady = Steady()
    while not stop.wait(PAUSE):
        changed = steady.look(is_desktop(screen.lines(), background), time.monotonic())
        if changed is not None:
            tell("shown" if steady.shown else "gone", person, changed)
        if program.poll() is not None:
            said.seek(0)
            tell("ended", person, status=program.returncode, why=said.read()[-200:])
            return
    subprocess.run(["pkill", "-KILL", "-s", str(program.pid)], check=False)
    program.wait()


def main() -> None:
    """Everybody of the orders, at once."""
    orders = json.loads(sys.stdin.readline())
    stop = threading.Event()
    background = pixels_of(orders["background"])
    threads = [threading.Thread(target=sign_in, args=(one, background, stop)) for one in orders["sign_ins"]]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
