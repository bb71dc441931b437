"""The monitors of the running lab: they ask everybody, everybody answers them and nobody else."""

from __future__ import annotations

import time

import pytest

from inventory import monitoring
from inventory.database_plan import with_role
from omi.checkout import CHECKOUT
from omi.status import gather, prometheus
from tests.hosts.test_default_deny import knock

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("monitoring")]

LONGEST = 60.0
"""Seconds after which a monitor that was just started has seen everybody."""


def planned(topology, monitor):
    """(job, host) of everything that a monitor asks."""
    jobs = monitoring.configuration(topology, monitor)["scrape_configs"]
    return {(job["job_name"], one["labels"]["host"]) for job in jobs for one in job["static_configs"]}


def silent(topology, answers):
    """What a monitor asks in vain, or does not ask at all."""
    found = set()
    for monitor in prometheus.monitors(topology):
        series = answers[monitor.name].series.get("up", [])
        up = {(one.labels["job"], one.labels["host"]) for one in series if one.value}
        found |= {(monitor.name, *one) for one in planned(topology, monitor) - up}
    return found


@pytest.fixture(scope="module")
def answers(topology):
    """What the monitors say, once they have seen everybody; or after a while."""
    deadline = time.monotonic() + LONGEST
    while True:
        found = prometheus.ask_all(topology, prometheus.over_ssh(CHECKOUT))
        if not silent(topology, found) or time.monotonic() > deadline:
            return found
        time.sleep(3)


def test_every_monitor_judges(topology, answers):
    planned = [monitor.name for monitor in prometheus.monitors(topology)]
    assert [site.name for site in monitoring.centers(topology)] == [name.split("-")[0] for name in planned]
    seen = [(one.name, one.problem, one.judges) for one in gather.monitors(answers)]
    assert seen == [(name, None, True) for name in planned]


def test_everybody_who_is_asked_answers(topology, answers):
    assert silent(topology, answers) == set()


def test_every_planned_line_is_seen_and_is_up(topology, answers):
    assert [one for one in gather.lines(topology, answers) if not one.up] == []


def test_every_database_says_what_it_is(topology, answers):
    roles = {one.host: one.role for one in gather.databases(topology, answers)}
    assert sorted(map(str, roles.values())) == ["primary", "second node", "standby leader"]


def test_every_service_that_should_run_does(answers):
    """The alerts say so, and here all of them at once."""
    down = [one.about for one in gather.firing(answers) if one.name in ("ServiceDown", "HostDown")]
    assert down == []


def test_the_end_of_every_centers_certificates_is_known(topology, answers):
    """Of each host that has one: the authority's own end comes with it."""
    known = {one.host for one in gather.certificates(answers) or ()}
    have_one = [
        host for site in monitoring.centers(topology) for host in with_role(site, "db", "proxy", "ca")
    ]
    assert known >= {host.name for host in have_one}


def test_only_the_monitor_gets_at_the_figures(on, topology):
    for site in monitoring.centers(topology):
        (monitor,) = [host for host in site.hosts if host.role == "monitor"]
        others = [host for host in site.hosts if host.role in ("db", "proxy", "store") and host != monitor]
        asked, asking = others[0], others[1]
        assert knock(on, monitor.name, asked.management, monitoring.NODE) == "open"
        assert knock(on, asking.name, asked.management, monitoring.NODE) == "silent"
        assert knock(on, monitor.name, asked.management, 22) == "silent"
        assert knock(on, asking.name, monitor.management, monitoring.MONITOR) == "silent"


def test_figures_are_shown_at_the_management_address_only(on, topology):
    for host in topology.data_center.hosts:
        listening = on(host.name).check_output("ss -Hlnt").splitlines()
        places = {line.split()[3] for line in listening}
        assert {place for place in places if place.endswith(f":{monitoring.NODE}")} == {
            f"{host.management}:{monitoring.NODE}"
        }
