"""``desktop-host VERB [PERSON]``: one order to the agent of this session host.

open      by PAM: the person is in PAM_USER, what was typed on standard input
ready     by a session: wait for the profile
sessions  who has a desktop here
drain     take nobody new; close: not even those who have a desktop here; return: take people again
end       save and end somebody's desktop
"""

from __future__ import annotations

import json
import os
import socket
import sys

SOCKET = os.environ.get("DESKTOP_AGENT", "/run/omi-desktop/socket")


def ask(order: dict[str, str]) -> dict[str, object]:
    """The agent's answer. Raises OSError where there is no agent."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(SOCKET)
        talk = line.makefile("rw")
        talk.write(json.dumps(order) + "\n")
        talk.flush()
        answer: dict[str, object] = json.loads(talk.readline())
        return answer


def main(words: list[str]) -> int:
    """0 if it was done, 1 if not."""
    verb = words[0] if words else "sessions"
    order = {"verb": verb}
    if verb == "open":
        order |= {"person": os.environ["PAM_USER"], "password": sys.stdin.read().rstrip("\0\n")}
    elif len(words) > 1:
        order["person"] = words[1]
    answer = ask(order)
    if "error" in answer:
        print(answer["error"], file=sys.stderr)
        return 1
    if isinstance(answer["said"], list):
        print("\n".join(answer["said"]), end="\n" if answer["said"] else "")
    return 0 if answer["said"] is not False else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
