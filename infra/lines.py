"""The links between sites: a network under each, and the far end's card in a router that stands already."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra import machine
from infra.cluster import Cluster
from infra.incus import Instance, InstanceDevice, Network
from infra.sites import network_config
from inventory import topology


@dataclass(frozen=True)
class FarEnd:
    """A router that lines arrive at, and where it runs."""

    router: Instance | None
    """None where it is hardware."""
    project: pulumi.Input[str]
    cluster: Cluster


@dataclass(frozen=True)
class LinesArgs:
    """The links of one site, the networks planned for them, and the routers at the other end by name."""

    links: tuple[topology.Link, ...]
    networks: dict[str, topology.Network]
    near: Cluster
    far: dict[str, FarEnd]


class Lines(pulumi.ComponentResource):
    """The links one site owns. ``networks``: those its own router has cards in."""

    def __init__(self, name: str, args: LinesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("omi:infra:Lines", name, {}, opts)
        self.networks = {
            link.name: self.network(args.networks[link.name], args.near, link.name) for link in args.links
        }
        for link in args.links:
            self.arrive(link, args)
        self.register_outputs({})

    def network(self, plan: topology.Network, cluster: Cluster, resource: str) -> Network:
        """The layer-2 network under a link, on ``cluster``."""
        return Network(
            resource,
            name=plan.name,
            config=network_config(plan, cluster.uplinks.get(plan.name)),
            opts=pulumi.ResourceOptions(parent=self, provider=cluster.provider),
        )

    def arrive(self, link: topology.Link, args: LinesArgs) -> None:
        """The card at the far end; on another cluster than ours the link has a bridge there too."""
        far = args.far[link.far]
        network = self.networks[link.name]
        if far.cluster is not args.near:
            network = self.network(args.networks[link.name], far.cluster, f"{link.name}-far")
        if far.router is None:
            return
        InstanceDevice(
            f"{link.far}-{link.far_interface}",
            instance=far.router.name,
            project=far.project,
            **machine.network_card(link.far_interface, link.name, link.rate_bps),
            opts=pulumi.ResourceOptions(
                parent=self, provider=far.cluster.provider, depends_on=[network, far.router]
            ),
        )
