#!/usr/bin/env -S python3 -I
"""PostgreSQL's archive_command: ``pgbackrest-push %p`` hands a log segment to pgBackRest.

pgBackRest refuses (status 45) a segment whose name is in the archive already with other bytes. That must stay
an alarm, with one exception: the file in which this host's log left an older timeline. A host that was primary writes
on in that file until it learns that it is no more; the new primary archives the same file up to the parting; and if
the host becomes primary again, PostgreSQL offers its version once more, is refused, and archives nothing any more.
Nobody can ever need that version: whoever follows the present timeline reads the segment from the next timeline's
file. Exactly that is looked at here (docs/decisions/0067); every other refusal is passed on.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

DUPLICATE = 45
"""pgBackRest's status: a file with the same name and another checksum is in the archive."""
LIMIT_S = 300
"""Longer than pgBackRest itself waits; then PostgreSQL tries again. Nothing waits for this but the archiver."""
SEGMENT_BYTES = 1 << 24
PROGRAMS = "/usr/lib/postgresql/15/bin:/usr/bin:/bin"


def place(name: str, segment_bytes: int = SEGMENT_BYTES) -> tuple[int, int] | None:
    """Timeline and number of the segment called ``name``; None for any other file."""
    if not re.fullmatch(r"[0-9A-F]{24}", name):
        return None
    return int(name[:8], 16), int(name[8:16], 16) * ((1 << 32) // segment_bytes) + int(name[16:], 16)


def partings(history: str, segment_bytes: int = SEGMENT_BYTES) -> dict[int, int]:
    """Timeline to the number of the segment in which the present history left it, from a .history file's text."""
    lines = (re.match(r"\s*(\d+)\s+([0-9A-F]+)/([0-9A-F]+)\b", line) for line in history.splitlines())
    return {
        int(line[1]): ((int(line[2], 16) << 32) + int(line[3], 16)) // segment_bytes for line in lines if line
    }


def may_go(name: str, current: int, history: str, segment_bytes: int = SEGMENT_BYTES) -> bool:
    """Whether nobody who follows timeline ``current`` can need this host's version of the segment ``name``.

    It is of a timeline that the present history (``history``: the text of current's .history file) has left, and not
    from before the parting. A segment from before is common to both histories: other bytes in it are damage.
    """
    found = place(name, segment_bytes)
    if found is None or found[0] >= current:
        return False
    parting = partings(history, segment_bytes).get(found[0])
    return parting is not None and found[1] >= parting


def control(data: Path) -> dict[str, str]:
    """What pg_controldata prints, by label. Empty if it cannot be read: then nothing may go."""
    told = subprocess.run(
        ["pg_controldata", str(data)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": PROGRAMS, "LC_ALL": "C"},
    )
    return dict(re.findall(r"^(.+?): +(.*)$", told.stdout, re.MULTILINE))


def is_left_behind(path: Path) -> bool:
    """Whether the refused file is the exception. Any doubt is a no."""
    data = Path.cwd()
    known = control(data)
    try:
        current = int(known["Latest checkpoint's TimeLineID"])
        segment_bytes = int(known["Bytes per WAL segment"])
        history = (data / "pg_wal" / f"{current:08X}.history").read_text()
    except (KeyError, ValueError, OSError):
        return False
    return may_go(path.name, current, history, segment_bytes)


def main(arguments: list[str]) -> int:
    """Push the file; PostgreSQL reads the exit status."""
    if len(arguments) != 1:
        print("usage: pgbackrest-push PATH, as archive_command in the data directory", file=sys.stderr)
        return 2
    stanza = os.environ.get("OMI_STANZA", "omi")
    config = os.environ.get("OMI_PGBACKREST", "/etc/pgbackrest/pgbackrest.conf")
    command = ["pgbackrest", f"--config={config}", f"--stanza={stanza}", "archive-push", arguments[0]]
    try:
        status = subprocess.run(command, check=False, timeout=LIMIT_S).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"pgbackrest-push: {error}", file=sys.stderr)
        return 1
    if status == DUPLICATE and is_left_behind(Path(arguments[0])):
        print(
            f"pgbackrest-push: {arguments[0]} was left behind by the present history and is archived as others"
            " wrote it: let go",
            file=sys.stderr,
        )
        return 0
    # PostgreSQL takes a status above 125 for a shell's own, and stops archiving
    return status if 0 <= status <= 125 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
