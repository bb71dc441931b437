"""Everything about the components that can be decided without deploying them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime.stack import run_pulumi_func

from infra import cloud, machine, settings
from infra.cluster import clusters
from inventory.load import load
from inventory.model import Cloud
from inventory.plan import plan


class Recorder(pulumi.runtime.Mocks):
    """Answers every resource with its own inputs, and keeps them."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, str], dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        kind = args.typ.split(":")[-1]
        assert (kind, args.name) not in self.made, f"{kind} {args.name} is made twice"
        self.made[kind, args.name] = dict(args.inputs)
        outputs = dict(args.inputs)
        if kind == "Image":
            outputs["fingerprint"] = f"fingerprint of {args.name}"
        return f"{kind}/{args.name}", outputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], None]:
        raise AssertionError(f"the program calls {args.token}; it should read the plan only")

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Inputs of all resources of ``kind``, by resource name."""
        return {name: inputs for (made, name), inputs in self.made.items() if made == kind}


@pytest.fixture
def stack_files(tmp_path: Path) -> Path:
    """What lab/ leaves for a stack: images and a public key."""
    (tmp_path / "images").mkdir()
    index = {
        kind: {"metadata": f"{kind}.tar.xz", "rootfs": f"{kind}.squashfs"}
        for kind in {machine.image_kind(host) for host in plan(load()).hosts()}
    }
    (tmp_path / "images" / "index.json").write_text(json.dumps(index))
    (tmp_path / "key.pub").write_text("ssh-ed25519 AAAA operator\n")
    return tmp_path


async def built(declared: Cloud, files: Path, sites: dict[str, Any] | None = None) -> Recorder:
    """Run the program's components over ``declared`` and return what they asked for."""
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder, project="omi", stack="test", preview=False)
    topology = plan(declared)
    stack = settings.parse(
        {
            "clusters": sites or {"default": {"endpoint": "/run/incus/unix.socket"}},
            "images": str(files / "images"),
            "authorized_keys": str(files / "key.pub"),
        }
    )

    def program() -> None:
        cloud.build_sites(topology, clusters(stack, [site.name for site in topology.sites]), stack)

    await run_pulumi_func(program)
    return recorder


def one_cluster_a_site() -> dict[str, Any]:
    """Stack configuration in which each site has a daemon of its own."""
    return {site.name: {"endpoint": f"https://{site.name}.example:8443"} for site in plan(load()).sites}


async def test_every_planned_host_and_network_is_made_and_nothing_else(stack_files: Path) -> None:
    made, topology = await built(load(), stack_files), plan(load())
    assert set(made.of("Instance")) == {host.name for host in topology.hosts()}
    assert set(made.of("Network")) == {network.name for network in topology.networks()}
    assert set(made.of("Project")) == {site.name for site in topology.sites}


async def test_every_planned_interface_is_a_card_in_the_planned_network(stack_files: Path) -> None:
    made, topology = await built(load(), stack_files), plan(load())
    cards = {
        (name, device["name"]): device["properties"]["parent"]
        for name, inputs in made.of("Instance").items()
        for device in inputs["devices"]
        if device["type"] == "nic"
    } | {
        (inputs["instance"], inputs["name"]): inputs["properties"]["parent"]
        for inputs in made.of("InstanceDevice").values()
    }
    planned = {(host.name, i.name): i.network for host in topology.hosts() for i in host.interfaces}
    management = {(host.name, "mgmt0"): f"{topology.site(host.site).tag}-mgmt" for host in topology.hosts()}
    assert cards == planned | management


async def test_a_newcomer_changes_nothing_that_stands(stack_files: Path) -> None:
    before = (await built(load(), stack_files)).made
    after = (await built(load(add=["otsu"]), stack_files)).made
    assert {key: after[key] for key in before} == before
    assert len(after) > len(before)


async def test_both_ends_of_a_rated_link_are_limited(stack_files: Path) -> None:
    made = await built(load(), stack_files)
    near = {d["name"]: d["properties"] for d in made.of("Instance")["konan-ce1"]["devices"]}
    far = made.of("InstanceDevice")["dc-edge1-c5l1"]["properties"]
    assert near["line1"]["limits.ingress"] == far["limits.ingress"] == "1100Mbit"
    assert "limits.ingress" not in near["lan-kikan"]


async def test_the_databases_log_has_a_volume_that_cannot_outgrow_its_size(stack_files: Path) -> None:
    made, topology = await built(load(), stack_files), plan(load())
    size = str(int(topology.databases.log.volume.base))
    volumes = {name: inputs["config"]["size"] for name, inputs in made.of("StorageVolume").items()}
    assert volumes == {"dc-db1-wal": size, "dc-db2-wal": size, "bc-db1-wal": size}
    (disk,) = (d for d in made.of("Instance")["dc-db1"]["devices"] if d["type"] == "disk")
    assert disk["properties"]["source"] == "dc-db1-wal"
    assert disk["properties"]["path"] == "/var/lib/postgresql/wal"


async def test_over_management_hosts_say_something_to_their_monitor_only(stack_files: Path) -> None:
    made, topology = await built(load(), stack_files), plan(load())
    for name, inputs in made.of("Instance").items():
        card = next(device for device in inputs["devices"] if device["name"] == "mgmt0")["properties"]
        host = topology.host(name)
        assert bool(card.get("security.port_isolation")) is (host.role != "monitor"), name
        if host.role == "monitor":
            assert card["ipv4.address"] == host.management
            assert card["security.ipv4_filtering"] is card["security.mac_filtering"] is True


async def test_a_host_sends_with_its_own_addresses_only_and_a_router_may_forward(stack_files: Path) -> None:
    made, topology = await built(load(), stack_files), plan(load())
    for host in topology.hosts():
        cards = {d["name"]: d["properties"] for d in made.of("Instance")[host.name]["devices"]}
        for interface in host.interfaces:
            if interface.name in cards:
                card = cards[interface.name]
                assert (card.get("security.mac_filtering") is True) is not host.is_router
                held = card.get("ipv4.address") == interface.ip
                assert held is not (host.is_router or bool(host.shares))


async def test_a_router_gets_its_turn_before_other_hosts(stack_files: Path) -> None:
    made = (await built(load(), stack_files)).of("Instance")
    allowances = {name: inputs["config"].get("limits.cpu.allowance") for name, inputs in made.items()}
    routers = {host.name for host in plan(load()).hosts() if host.is_router}
    assert allowances == {name: "800%" if name in routers else None for name in made}


async def test_with_a_cluster_a_site_each_link_has_a_bridge_at_both_ends(stack_files: Path) -> None:
    made, topology = await built(load(), stack_files, one_cluster_a_site()), plan(load())
    expected = {network.name for network in topology.networks()}
    expected |= {f"{link.name}-far" for link in topology.links()}
    assert set(made.of("Network")) == expected
    assert len(made.of("Image")) == len({machine.image_kind(host) for host in topology.hosts()}) * len(
        topology.sites
    )


async def test_an_uplink_takes_the_declared_card_into_the_line(stack_files: Path) -> None:
    sites = one_cluster_a_site()
    sites["konan"]["uplinks"] = {"c5-line1": "enp1s0f0"}
    made = await built(load(), stack_files, sites)
    assert made.of("Network")["c5-line1"]["config"]["bridge.external_interfaces"] == "enp1s0f0"
    assert "bridge.external_interfaces" not in made.of("Network")["c5-line1-far"]["config"]


async def test_a_hardware_router_is_planned_but_not_made(stack_files: Path) -> None:
    declared = load()
    konan = declared.city("konan").model_copy(update={"router": "external"})
    cities = tuple(konan if city.name == "konan" else city for city in declared.cities)
    made = await built(declared.model_copy(update={"cities": cities}), stack_files)
    assert "konan-ce1" not in made.of("Instance")
    assert "dc-edge1-c5l1" in made.of("InstanceDevice")


async def test_only_management_networks_hold_an_address_of_the_operator(stack_files: Path) -> None:
    made = await built(load(), stack_files)
    addressed = {n for n, inputs in made.of("Network").items() if inputs["config"]["ipv4.address"] != "none"}
    assert addressed == {network.name for network in plan(load()).networks() if network.kind == "management"}
