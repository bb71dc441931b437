"""``omi-print-send FILE...``: send batches of tax notices from a city's terminal to the joint printing gateway.

A file is UTF-8 text with one notice a line. What was sent before is not sent, and not printed, once more:
interrupted, start it again.

Status 0: the gateway has all of them; 1: it refused one; 2: a file is no batch; 3: no connection.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from omi_print.disk import content, lines
from omi_print.transfer import RefusedError, Server, persistently, send

CERTIFICATE = Path("/etc/omi/pki/city")


def faults(files: list[Path]) -> list[str]:
    """What is wrong with the files, of all of them."""
    wrong = [f"{file}: there is no such file" for file in files if not file.is_file()]
    for file in (file for file in files if file.is_file()):
        found = lines(file)
        if found < 0:
            wrong.append(f"{file}: the last line has no end; is the file whole?")
        elif found == 0:
            wrong.append(f"{file}: no notice is in it")
    return wrong


def deliver(server: Server, file: Path, patience_s: float) -> str:
    """Send one file. Returns what became of it. Raises RefusedError, OSError."""
    whole = content(file)
    manifest = {"sha256": whole.sha256, "bytes": whole.bytes, "notices": lines(file)}
    state = persistently(lambda: send(server, f"/batches/{whole.sha256}", manifest, file), patience_s)
    return f"{file}: {manifest['notices']} notices, {state}, {whole.sha256}"


def main() -> int:
    """Send all; say what became of each."""
    parser = argparse.ArgumentParser(description="Send batches of tax notices to be printed.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="text, one notice a line")
    parser.add_argument("--host", default="dc-print1", help="the gateway")
    parser.add_argument("--port", type=int, default=8444)
    parser.add_argument("--certificate", type=Path, default=CERTIFICATE, help="folder of the city's")
    parser.add_argument("--patience", type=float, default=60, help="seconds to keep trying")
    words = parser.parse_args()
    wrong = faults(words.files)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 2
    server = Server(words.host, words.port, words.certificate)
    try:
        for file in words.files:
            print(deliver(server, file, words.patience))
    except RefusedError as error:
        print(f"{file}: refused: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{file}: not sent: {error}; start again to go on", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
