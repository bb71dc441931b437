"""What every host has: what the plan says and nothing else."""

from __future__ import annotations

import json
import time

import pytest

from inventory.monitoring import monitoring_variables
from inventory.openings import admissions

pytestmark = pytest.mark.live

SSHD = {
    "allowtcpforwarding no",
    "allowagentforwarding no",
    "authenticationmethods publickey",
    "kbdinteractiveauthentication no",
    "passwordauthentication no",
    "permitrootlogin without-password",
    "permittunnel no",
    "x11forwarding no",
}


def test_no_unit_has_failed(any_host, seen):
    assert seen(any_host)["failed"] == ""


def test_services_run(any_host, seen):
    routes_for_itself = "active" if any_host.routing else "inactive"
    shapes = "active" if any_host.is_router else "inactive"
    assert seen(any_host)["active"].split() == ["active", "active", "active", routes_for_itself, shapes]


def test_everything_written_is_in_effect(any_host, seen):
    assert seen(any_host)["leftover"] == ""


def test_interfaces_and_addresses_are_the_planned_ones(any_host, seen):
    found = {
        link["ifname"]: {
            f"{a['local']}/{a['prefixlen']}" for a in link["addr_info"] if a["local"] not in any_host.shares
        }
        for link in json.loads(seen(any_host)["addresses"])
    }
    planned = {interface.name: {interface.address} for interface in any_host.interfaces}
    assert found == {"lo": {"127.0.0.1/8"}, "mgmt0": {f"{any_host.management}/24"}, **planned}


def test_only_a_terminal_has_a_default_route(any_host, seen):
    defaults = [route for route in json.loads(seen(any_host)["routes"]) if route["dst"] == "default"]
    assert [route["gateway"] for route in defaults] == ([any_host.gateway] if any_host.gateway else [])


def exporters(topology, host):
    """The ports at which a host shows figures, at its management address only."""
    return monitoring_variables(topology, host).get("exporters", {}).get("ports", [])


LOOPBACK = ("127.", "[::1]", "[::ffff:127.")
"""As `ss` writes it; the last one is IPv4's as a socket of IPv6 has it (xrdp-sesman)."""


def test_only_what_an_opening_names_listens(any_host, seen, topology):
    """Besides ssh, routing, what only the host itself can reach, and figures for the monitor."""
    rows = [line.split() for line in seen(any_host)["listening"].splitlines()]
    shown = {f"{any_host.management}:{port}" for port in exporters(topology, any_host)}
    outside = [row for row in rows if not row[4].startswith(LOOPBACK) and row[4] not in shown]
    found = {(row[0], int(row[4].rsplit(":", 1)[1])) for row in outside}
    routing = {("tcp", 179), ("udp", 3784)} if any_host.routing else set()
    opened = {("tcp", port) for admission in admissions(topology, any_host) for port in admission.ports}
    # BFD speaks to each neighbour from a port of its own, which RFC 5881 asks to be 49152 or above
    own = {entry for entry in found if entry[1] < 49152}
    assert own >= {("tcp", 22), *routing}
    assert own - opened <= {("tcp", 22), *routing}
    assert any_host.routing or all(port < 49152 for _, port in found)


def test_ssh_takes_keys_only_and_forwards_nothing(any_host, seen):
    assert set(seen(any_host)["sshd"].splitlines()) >= SSHD


def test_only_routers_forward_and_nobody_speaks_ipv6(any_host, seen):
    settings = dict(line.split(" = ", 1) for line in seen(any_host)["sysctl"].splitlines())
    assert settings["net.ipv4.ip_forward"] == ("1" if any_host.is_router else "0")
    assert settings["net.ipv6.conf.all.forwarding"] == "0"
    for card in ("mgmt0", *(interface.name for interface in any_host.interfaces)):
        assert settings[f"net.ipv6.conf.{card}.disable_ipv6"] == "1"
        assert settings[f"net.ipv4.conf.{card}.accept_redirects"] == "0"
        assert settings[f"net.ipv4.conf.{card}.rp_filter"] == ("2" if any_host.is_router else "1")


def test_the_packet_filter_refuses_by_default(any_host, seen):
    rules = json.loads(seen(any_host)["rules"])["nftables"]
    policies = {r["chain"]["hook"]: r["chain"]["policy"] for r in rules if "policy" in r.get("chain", {})}
    assert policies["input"] == "drop"
    assert policies["forward"] == "drop"


def test_the_clock_is_the_machines_and_shows_japans_time(any_host, on, seen):
    assert seen(any_host)["timezone"].strip() == "/usr/share/zoneinfo/Asia/Tokyo"
    before = time.time()
    there = int(on(any_host.name).check_output("date +%s"))
    assert before - 1 <= there <= time.time() + 1


def test_the_journal_is_bounded(any_host, seen):
    assert "SystemMaxUse=50M" in seen(any_host)["journal"].splitlines()


def test_names_are_known_within_the_zone_and_no_further(any_host, seen, topology):
    lines = [line.split() for line in seen(any_host)["names"].splitlines() if line.startswith("10.")]
    names = {name for _, name in lines}
    cities = {site.name for site in topology.cities} - {any_host.site}
    if topology.site(any_host.site).kind == "city":
        assert not {name for name in names if name.split("-")[0] in cities}
    if any_host.zone:
        card = f"lan-{any_host.zone}"
        planned = {host.name: host.interface(card).ip for host in topology.hosts() if host.name in names}
        if topology.cs.zone == any_host.zone:
            planned[topology.cs.name] = topology.cs.address
        assert {name: address for address, name in lines} == planned
