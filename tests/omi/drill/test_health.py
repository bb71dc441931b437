"""What the hosts' answers mean."""

from __future__ import annotations

import json

import pytest

from inventory.load import load
from inventory.plan import plan
from omi.drill.health import cluster_problems, neighbours, routing_problems

OWN, FAR = ["dc-db1", "dc-db2"], ["bc-db1"]


def members(*roles):
    return [{"name": n, "role": role, "state": state} for n, role, state in roles]


def answers(one="leader", two="sync_standby", far="standby_leader", followers=None):
    own = members(("dc-db1", one, "running"), ("dc-db2", two, "streaming"))
    streams = [{"name": "bc-db1", "state": "streaming", "sync": "async", "behind": 300}]
    return {
        "dc-db1": {"members": own, "followers": streams if followers is None else followers},
        "dc-db2": {"members": own, "followers": []},
        "bc-db1": {"members": members(("bc-db1", far, "running")), "followers": []},
    }


def test_all_is_well_whichever_node_is_the_primary():
    assert cluster_problems(OWN, FAR, answers()) == []
    assert cluster_problems(OWN, FAR, answers(one="sync_standby", two="leader")) == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (answers(two="replica"), "dc-db2: replica in place of sync_standby"),
        (answers(one="replica"), "the data center has no leader"),
        (answers(one="leader", two="leader"), "the data center has no leader"),
        (answers(far="leader"), "the backup center has no standby_leader"),
        (answers(followers=[]), "bc-db1: the backup center does not follow closely"),
        (
            answers(followers=[{"name": "bc-db1", "state": "streaming", "behind": 2 << 20}]),
            "bc-db1: the backup center does not follow closely",
        ),
        (
            answers(followers=[{"name": "bc-db1", "state": "catchup", "behind": 0}]),
            "bc-db1: the backup center does not follow closely",
        ),
    ],
)
def test_what_is_not_well_is_named(given, problem):
    assert problem in cluster_problems(OWN, FAR, given)


@pytest.mark.parametrize("silent", [*OWN, *FAR])
def test_a_host_that_does_not_answer_is_named(silent):
    given = {name: answer for name, answer in answers().items() if name != silent}
    assert f"{silent}: the database does not answer" in cluster_problems(OWN, FAR, given)


TOPOLOGY = plan(load())


def routing(host, without=(), down=()):
    planned = neighbours(TOPOLOGY, host)
    bgp = {p: "Active" if p in without else "Established" for p in planned}
    bfd = {p: {"state": "Down" if p in down else "Up"} for p in planned}
    return json.dumps({"bgp": bgp, "bfd": bfd})


def test_routing_as_planned_is_well():
    hosts = [host for host in TOPOLOGY.hosts() if host.routing]
    assert len(hosts) > 20
    assert all(neighbours(TOPOLOGY, host) for host in hosts)
    assert routing_problems(TOPOLOGY, {host.name: routing(host) for host in hosts}) == []


def test_a_session_that_is_missing_or_not_watched_is_named():
    router = TOPOLOGY.host("konan-ce1")
    peer = sorted(neighbours(TOPOLOGY, router))[0]
    for answer in (routing(router, without={peer}), routing(router, down={peer})):
        assert routing_problems(TOPOLOGY, {"konan-ce1": answer}) == [f"konan-ce1: no session with {peer}"]
    assert routing_problems(TOPOLOGY, {"konan-ce1": TimeoutError()}) == ["konan-ce1: routing does not answer"]
