"""Is the lab healthy? What is asked of the hosts, and what their answers mean.

Healthy: every instance runs, every planned BGP session is established and watched by BFD, the data center's
cluster has a primary and a synchronous standby, the backup center follows closely, and the check of the backups is
green. Whoever builds something that must be well again after a drill adds a check to :data:`CHECKS`.
"""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterable, Mapping
from typing import Any

from inventory.topology import Host, Topology
from lab.errors import LabError
from omi.drill import cs, desktops, stores
from omi.drill.reach import Lab

NEAR = 1 << 20
"""Bytes of log that a standby may be behind; more is not following closely."""
LONGEST = 240
"""Seconds that a lab may take to become healthy after its repair, where a drill says nothing else."""
BEFORE = 90
"""Seconds that a lab may take to be healthy before a drill; a check of backups looks again each minute."""
PAUSE = 1.0

ROUTING = "/usr/local/lib/omi-routing/bird_sessions.py"

DATABASE = """
import json, ssl, subprocess, urllib.request
context = ssl.create_default_context(cafile="/etc/omi/pki/authority.pem")
with urllib.request.urlopen("https://%s:8008/cluster", context=context, timeout=4) as answer:
    cluster = json.load(answer)
followers = subprocess.run(
    ["psql", "-XAtq", "-h", "/run/postgresql", "-U", "postgres", "-d", "postgres", "-c",
     "SELECT coalesce(json_agg(json_build_object('name', application_name, 'state', state, 'sync', sync_state,"
     " 'behind', pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn))), '[]')"
     " FROM pg_stat_replication WHERE NOT pg_is_in_recovery()"],
    capture_output=True, text=True, timeout=5)
print(json.dumps({"members": cluster["members"], "followers": json.loads(followers.stdout or "[]")}))
"""

Answers = Mapping[str, str | Exception]


def neighbours(topology: Topology, host: Host) -> set[str]:
    """Addresses that ``host`` should have a BGP session with."""
    if not host.is_router:
        return set(host.peers_with)
    own = {interface.ip for interface in host.interfaces}
    servers = {
        other.interfaces[0].ip for other in topology.site(host.site).hosts if own & set(other.peers_with)
    }
    peers = host.routing.peers if host.routing else ()
    return {peer.address for peer in peers} | servers


def routing_problems(topology: Topology, answers: Answers) -> list[str]:
    """Hosts whose sessions are not as planned."""
    problems = []
    for name, answer in answers.items():
        if isinstance(answer, Exception):
            problems.append(f"{name}: routing does not answer")
            continue
        seen = json.loads(answer)
        established = {address for address, state in seen["bgp"].items() if state == "Established"}
        watched = {address for address, session in seen["bfd"].items() if session["state"] == "Up"}
        missing = neighbours(topology, topology.host(name)) - (established & watched)
        if missing:
            problems.append(f"{name}: no session with {', '.join(sorted(missing))}")
    return problems


def cluster_problems(own: list[str], far: list[str], answers: Mapping[str, Any]) -> list[str]:
    """What keeps the databases from being protected.

    ``own``, ``far``: members of the data center and of the backup center. ``answers``: what each host says
    (DATABASE).
    """
    problems = [f"{name}: the database does not answer" for name in (*own, *far) if name not in answers]
    problems += member_problems("data center", own, "leader", "sync_standby", answers)
    problems += member_problems("backup center", far, "standby_leader", "replica", answers)
    followers = {one["name"]: one for name in own for one in answers.get(name, {}).get("followers", ())}
    for name in far:
        if not is_near(followers.get(name)):
            problems.append(f"{name}: the backup center does not follow closely")
    return list(dict.fromkeys(problems))


def member_problems(
    center: str, members: list[str], first: str, others: str, answers: Mapping[str, Any]
) -> list[str]:
    """One center's cluster: one member has the role ``first``, all others the role ``others``, and all run."""
    seen: list[Any] = next((answers[name]["members"] for name in members if name in answers), [])
    roles = {member["name"]: member["role"] for member in seen if member["state"] in ("running", "streaming")}
    alone = sum(role == first for role in roles.values()) == 1
    misplaced = [name for name in members if roles.get(name) not in (first, others)]
    return [
        *([] if alone else [f"the {center} has no {first}"]),
        *(f"{name}: {roles.get(name, 'not running')} in place of {others}" for name in misplaced),
    ]


def is_near(follower: Mapping[str, Any] | None) -> bool:
    """Whether a standby streams, and is not behind."""
    return follower is not None and follower["state"] == "streaming" and (follower["behind"] or 0) <= NEAR


def databases(lab: Lab, hosts: Iterable[Host]) -> dict[str, Any]:
    """What each database host says; those that do not answer are left out."""
    asked = {
        host.name: f"python3 -c {shlex.quote(DATABASE % host.interface(f'lan-{host.zone}').ip)}"
        for host in hosts
    }
    answers: dict[str, Any] = {}
    for name, words in asked.items():
        answer = lab.everywhere([name], words, seconds=15)[name]
        if not isinstance(answer, Exception):
            answers[name] = json.loads(answer)
    return answers


def database_hosts(lab: Lab) -> tuple[list[Host], list[Host]]:
    """Those of the data center, and those of the backup center."""
    return (
        lab.hosts_of(lab.topology.data_center.name, "db"),
        lab.hosts_of(lab.topology.backup_center.name, "db"),
    )


def stopped(lab: Lab) -> list[str]:
    """Instances that do not run."""
    listed = json.loads(lab.incus("list", "--all-projects", "--format", "json"))
    return [f"{one['name']}: {one['status'].lower()}" for one in listed if one["status"] != "Running"]


def routing(lab: Lab) -> list[str]:
    """Routing, asked of every host that takes part in it."""
    hosts = [h.name for h in lab.topology.hosts() if h.routing is not None and h.platform == "incus"]
    return routing_problems(lab.topology, lab.everywhere(hosts, ROUTING, seconds=15))


def protection(lab: Lab) -> list[str]:
    """The databases, asked of every one of their hosts."""
    own, far = database_hosts(lab)
    answers = databases(lab, [*own, *far])
    return cluster_problems([host.name for host in own], [host.name for host in far], answers)


def backups(lab: Lab) -> list[str]:
    """The check of the databases' backups, on their store.

    What the last probe of the archive found is remembered until the next one; so where the check is red, it probes.
    """
    try:
        well, said = stores.told(lab, "check")
        if not well:
            stores.told(lab, "probe")
            well, said = stores.told(lab, "check")
    except LabError as error:
        return [f"the backups cannot be asked: {error}"]
    return [] if well else [f"backups: {line}" for line in said.splitlines()]


CHECKS = (stopped, routing, protection, backups, cs.problems, desktops.health)


def problems(lab: Lab) -> list[str]:
    """All that is not well. Later checks are not asked where an earlier one has found something."""
    for check in CHECKS:
        found = check(lab)
        if found:
            return found
    return []


def await_healthy(lab: Lab, seconds: float = LONGEST) -> None:
    """Wait until all is well. Raises LabError, which names what is not."""
    deadline = time.monotonic() + seconds
    while True:
        found = problems(lab)
        if not found:
            return
        lab.say(f"waiting: {found[0]}")
        if time.monotonic() > deadline:
            raise LabError(
                "the lab is not healthy: " + "; ".join(found),
                "mend it, or run `omi drill repair`, and try again",
            )
        time.sleep(PAUSE)


def primary(lab: Lab) -> str:
    """The data center's primary. Raises LabError where there is none."""
    own, _ = database_hosts(lab)
    for answer in databases(lab, own).values():
        for member in answer["members"]:
            if member["role"] == "leader" and member["state"] == "running":
                return str(member["name"])
    raise LabError("the data center has no primary database", "see `omi drill health`")
