"""A site as Incus sees it: a project, a profile with the root disk, its networks, and its machines."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra import machine
from infra.cluster import Cluster
from infra.incus import Device, Instance, Network, Profile, Project, StorageVolume
from inventory import topology

PROJECT_CONFIG = {
    # Networks and images are the daemon's; instances, profiles and volumes are the site's own.
    "features.images": "false",
    "features.networks": "false",
    "features.profiles": "true",
    "features.storage.buckets": "true",
    "features.storage.volumes": "true",
}


OPERATORS_OWN = {
    # An address for the operator to come from, and none of what Incus adds to one: nothing is handed out, translated,
    # filtered or forwarded there.
    "dns.mode": "none",
    "ipv4.dhcp": "false",
    "ipv4.firewall": "false",
    "ipv4.nat": "false",
    "ipv4.routing": "false",
}


@dataclass(frozen=True)
class SiteArgs:
    """A site's plan, where it runs, and who may sign in to its machines."""

    plan: topology.Site
    cluster: Cluster
    authorized_keys: str
    storage_pool: str


def network_config(network: topology.Network, uplink: str | None = None) -> dict[str, str]:
    """Incus configuration of a network: layer 2 only, except that management holds the operator's address."""
    config = {"ipv4.address": "none", "ipv6.address": "none"}
    if network.gateway is not None:
        config |= OPERATORS_OWN | {"ipv4.address": network.gateway}
    if uplink is not None:
        config["bridge.external_interfaces"] = uplink
    return config


class Site(pulumi.ComponentResource):
    """Everything of one site that does not cross to another, less what stands at its border (the routers)."""

    def __init__(self, name: str, args: SiteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("omi:infra:Site", name, {}, opts)
        self.args = args
        self.child = pulumi.ResourceOptions(parent=self, provider=args.cluster.provider)
        self.project = Project(
            name, name=name, description=args.plan.title_en, config=PROJECT_CONFIG, opts=self.child
        )
        root = Device(name="root", type="disk", properties={"path": "/", "pool": args.storage_pool})
        self.profile = Profile(
            name, name="default", project=self.project.name, devices=[root], opts=self.child
        )
        self.networks = {
            network.name: Network(
                network.name, name=network.name, config=network_config(network), opts=self.child
            )
            for network in args.plan.networks
            if len(network.sites) == 1
        }
        for host in args.plan.hosts:
            if not host.is_router:
                self.machine(host)
        self.register_outputs({})

    def machine(self, host: topology.Host, needs: tuple[pulumi.Resource, ...] = ()) -> Instance | None:
        """The host's instance; None where the host is hardware that Incus does not make."""
        if host.platform == "external":
            return None
        args = self.args
        volumes = [self.volume(host, volume) for volume in host.volumes]
        return Instance(
            host.name,
            name=host.name,
            project=self.project.name,
            image=args.cluster.images[machine.image_kind(host)].fingerprint,
            devices=machine.devices(host, args.plan, args.storage_pool),
            config=machine.instance_config(host, args.plan, args.authorized_keys),
            opts=pulumi.ResourceOptions.merge(
                self.child,
                pulumi.ResourceOptions(depends_on=[self.profile, *self.networks.values(), *volumes, *needs]),
            ),
        )

    def volume(self, host: topology.Host, volume: topology.Volume) -> StorageVolume:
        """A volume of the host's own, which outlives the instance: it holds data."""
        name = machine.volume_name(host, volume)
        return StorageVolume(
            name,
            name=name,
            pool=self.args.storage_pool,
            project=self.project.name,
            config={"size": str(volume.size)},
            opts=self.child,
        )
