#!/usr/bin/python3
"""Ansible module: how this node of the databases stands, and what only it has. Changes nothing."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: database_state
short_description: Role, position in the log and history of a node, running or stopped
description:
  - Reads only. Log positions are whole numbers of bytes.
  - With O(stretches) it counts the commits that lie in these parts of the node's log.
options:
  stretches:
    description: Parts of the log.
    type: list
    elements: dict
    default: []
    suboptions:
      timeline: {description: The timeline., type: int, required: true}
      start: {description: From this position on., type: int, required: true}
attributes:
  check_mode: {support: full, description: Changes nothing anyway.}
"""
RETURN = r"""
state:
  description:
    - "role (primary, standby, stopped, none); patroni (whether the service is active); follows (whether the cluster
      is told to follow the other center; null if unknown); streaming; clean (stopped in order); position; timeline;
      history."
  type: dict
  returned: success
commits:
  description: Commits in O(stretches); null where the log cannot be read.
  type: int
  returned: when stretches are given
"""

DATA = Path("/var/lib/postgresql/15/main")
PROGRAMS = Path("/usr/lib/postgresql/15/bin")
QUERY = (
    "SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE"
    " pg_current_wal_flush_lsn() END - '0/0'::pg_lsn, coalesce((SELECT status = 'streaming' AND last_msg_receipt_time"
    " > now() - interval '30 s' FROM pg_stat_wal_receiver), false), CASE WHEN pg_is_in_recovery() THEN greatest("
    "(SELECT received_tli FROM pg_stat_wal_receiver), (SELECT timeline_id FROM pg_control_checkpoint()), (SELECT"
    " min_recovery_end_timeline FROM pg_control_recovery())) ELSE"
    " ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::int END"
)
"""In recovery?, position (of a standby: what it has applied), streaming?, timeline."""


END = "error in WAL record|could not find a valid record after"


def position(text: str) -> int:
    """Bytes, of a position as PostgreSQL writes it (16/B374D848)."""
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def written(position: int) -> str:
    """The other way round."""
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"


def control(text: str) -> dict[str, Any]:
    """What pg_controldata says of a stopped node, as far as it matters here."""
    values = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    values = {key: value.strip() for key, value in values.items()}
    checkpoint = position(values["Latest checkpoint location"])
    recovered = position(values["Minimum recovery ending location"])
    timelines = (values["Latest checkpoint's TimeLineID"], values["Min recovery ending loc's timeline"])
    return {
        "role": "stopped",
        "clean": values["Database cluster state"] in {"shut down", "shut down in recovery"},
        "position": max(checkpoint, recovered),
        "timeline": max(int(timeline) for timeline in timelines),
        "streaming": False,
    }


def history(text: str) -> list[list[int]]:
    """A timeline's history file as [timeline, position of its end], oldest first."""
    rows = (line.split() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [[int(row[0]), position(row[1])] for row in rows]


def history_of(timeline: int) -> list[list[int]]:
    """The history of ``timeline`` as this node has it."""
    path = DATA / "pg_wal" / f"{timeline:08X}.history"
    return history(path.read_text()) if path.is_file() else []


def running() -> dict[str, Any] | None:
    """How the running PostgreSQL stands; None if none answers."""
    import psycopg2

    try:
        connection = psycopg2.connect(
            dbname="postgres", user="postgres", host="/run/postgresql", connect_timeout=5
        )
    except psycopg2.OperationalError:
        return None
    cursor = connection.cursor()
    cursor.execute(QUERY)
    recovering, place, streaming, timeline = cursor.fetchone()
    connection.close()
    role = "standby" if recovering else "primary"
    return {
        "role": role,
        "clean": False,
        "position": int(place or 0),
        "timeline": timeline,
        "streaming": streaming,
    }


def follows(module: AnsibleModule) -> bool | None:
    """Whether the cluster is told to follow the other center; None if the consensus store does not say."""
    import yaml

    status, out, _ = module.run_command(["patronictl", "-c", "/etc/patroni/config.yml", "show-config"])
    return None if status else bool((yaml.safe_load(out) or {}).get("standby_cluster"))


def state(module: AnsibleModule) -> dict[str, Any]:
    """See RETURN."""
    found = running()
    if found is None and (DATA / "global/pg_control").is_file():
        _, out, _ = module.run_command([str(PROGRAMS / "pg_controldata"), str(DATA)], check_rc=True)
        found = control(out)
    if found is None:
        found = {"role": "none", "clean": False, "position": 0, "timeline": 0, "streaming": False}
    active, _, _ = module.run_command(["systemctl", "is-active", "--quiet", "patroni.service"])
    past = history_of(found["timeline"]) if found["role"] != "none" else []
    return {**found, "patroni": active == 0, "follows": follows(module), "history": past}


def commits(stretch: dict[str, Any]) -> int | None:
    """Commits from a position on, on one timeline; None where the log cannot be read.

    To pg_waldump the log's end looks like damage (status 1), and a position behind it like one without records.
    """
    command = [str(PROGRAMS / "pg_waldump"), "--path", str(DATA / "pg_wal"), "--rmgr", "Transaction"]
    command += ["--timeline", str(stretch["timeline"]), "--start", written(stretch["start"])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and not re.search(END, done.stderr):
        return None
    return sum(1 for line in done.stdout.splitlines() if re.search(r"desc: (COMMIT|COMMIT_PREPARED)\b", line))


def main() -> None:
    """Look, and count where asked to."""
    stretch = {"timeline": {"type": "int", "required": True}, "start": {"type": "int", "required": True}}
    module = AnsibleModule(
        argument_spec={"stretches": {"type": "list", "elements": "dict", "options": stretch, "default": []}},
        supports_check_mode=True,
    )
    counted = [commits(stretch) for stretch in module.params["stretches"]]
    known = [number for number in counted if number is not None]
    total = sum(known) if len(known) == len(counted) else None
    module.exit_json(changed=False, state=state(module), commits=total)


if __name__ == "__main__":
    main()
