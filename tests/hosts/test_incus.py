"""What Incus has is what the plan says, and nothing else: projects, networks, instances and their cards."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lab.environment import process_environment
from lab.namespace import CARD_FILTERS
from lab.paths import LabPaths

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("incus")]


@pytest.fixture(scope="module")
def incus():
    """Asks the lab's daemon by its own command line."""
    environment = process_environment(LabPaths.from_environment())

    def ask(*arguments: str) -> Any:
        command = ["incus", *arguments, "--format", "json"]
        answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return json.loads(answer.stdout)

    return ask


def test_a_project_a_site(incus, topology):
    assert {project["name"] for project in incus("project", "list")} == {
        "default",
        *(site.name for site in topology.sites),
    }


def test_the_planned_networks_and_no_other(incus, topology):
    found = {
        network["name"]: network["config"].get("ipv4.address", "none")
        for network in incus("network", "list", "--project", "default")
        if network["managed"]
    }
    assert found == {network.name: network.gateway or "none" for network in topology.networks()}


def test_no_network_leads_out(incus):
    networks = [n for n in incus("network", "list", "--project", "default") if n["managed"]]
    assert all(n["config"].get("ipv4.nat", "false") == "false" for n in networks)
    assert all(n["config"].get("ipv6.address", "none") == "none" for n in networks)


def test_the_planned_instances_run_and_no_other_is_there(incus, topology):
    found = {(i["project"], i["name"]): i["status"] for i in incus("list", "--all-projects")}
    hosts = [host for host in topology.hosts() if host.platform == "incus"]
    assert found == {(host.site, host.name): "Running" for host in hosts}


def test_for_the_kernel_a_router_weighs_eight_other_hosts(topology):
    lab = LabPaths.from_environment().cgroup
    weights = {
        group.name.partition("_")[2]: int((group / setting).read_text())
        for group in Path("/sys/fs/cgroup").rglob(f"{lab}/lxc.payload.*")
        for setting in ("cpu.shares", "cpu.weight")
        if (group / setting).exists()
    }
    hosts = {host.name: host.is_router for host in topology.hosts() if host.platform == "incus"}
    others = min(weights.values())
    assert weights == {name: 8 * others if is_router else others for name, is_router in hosts.items()}


def test_an_instance_has_the_planned_cards_at_the_planned_rates(incus, topology):
    instances = {instance["name"]: instance for instance in incus("list", "--all-projects")}
    for host in topology.hosts():
        if host.platform == "incus":
            devices = instances[host.name]["expanded_devices"].values()
            cards = {d["name"]: (d["parent"], d.get("limits.ingress")) for d in devices if d["type"] == "nic"}
            assert cards.pop("mgmt0")[0].endswith("-mgmt")
            assert {name: network for name, (network, _) in cards.items()} == {
                interface.name: interface.network for interface in host.interfaces
            }
            rated = {name for name, (_, limit) in cards.items() if limit}
            assert rated == {interface.name for interface in host.interfaces if interface.rate_bps}


def test_no_instance_is_privileged_or_nested(incus):
    for instance in incus("list", "--all-projects"):
        config = instance["expanded_config"]
        assert config.get("security.privileged", "false") == "false"
        assert config.get("security.nesting", "false") == "false"


def test_no_filter_names_a_card_that_is_gone():
    """The filters of a killed daemon's cards stayed in the namespace, and every packet went through them."""
    inside = ["nsenter", f"--net={LabPaths.from_environment().netns_file}"]

    def seen(*command: str) -> str:
        return subprocess.run([*inside, *command], capture_output=True, text=True, check=True).stdout

    # The rules first: a card that comes in between has its link before its rules.
    rules = seen("nft", "list", "ruleset", CARD_FILTERS.split()[0])
    cards = {link["ifname"] for link in json.loads(seen("ip", "-json", "link"))}
    assert set(re.findall(r'[io]ifname "([^"]+)"', rules)) <= cards


def test_no_card_of_a_host_can_send_as_another(incus, topology):
    """Each card is guarded by Incus, or alone on its network; a router guards what it passes on by its own filter."""
    instances = {instance["name"]: instance for instance in incus("list", "--all-projects")}
    for host in topology.hosts():
        if host.platform == "incus" and not host.is_router:
            addresses = {interface.name: interface.ip for interface in host.interfaces}
            addresses["mgmt0"] = host.management  # a monitor's is not alone there
            for card in instances[host.name]["expanded_devices"].values():
                if card["type"] == "nic" and card.get("security.port_isolation") != "true":
                    assert card.get("security.mac_filtering") == "true", (host.name, card["name"])
                    assert card.get("security.ipv6_filtering") == "true", (host.name, card["name"])
                    if not host.shares:
                        assert card.get("security.ipv4_filtering") == "true", (host.name, card["name"])
                        assert card["ipv4.address"] == addresses[card["name"]]
