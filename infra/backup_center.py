"""The backup center: the second copy, the replication legs, and the last resort of every city."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.lines import FarEnd, Lines, LinesArgs
from infra.sites import Site, SiteArgs


@dataclass(frozen=True)
class BackupCenterArgs:
    """The site, and the data center's edge routers that the replication legs start from."""

    site: SiteArgs
    data_center_edges: dict[str, FarEnd]


class BackupCenter(pulumi.ComponentResource):
    """A site, its edge router and the replication legs. ``edges``: by name, for the disaster accesses."""

    def __init__(self, name: str, args: BackupCenterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("omi:infra:BackupCenter", name, {}, opts)
        plan, cluster = args.site.plan, args.site.cluster
        child = pulumi.ResourceOptions(parent=self)
        self.site = Site(name, args.site, child)
        legs = Lines(
            f"{name}-replication",
            LinesArgs(
                links=plan.links,
                networks={network.name: network for network in plan.networks},
                near=cluster,
                far=args.data_center_edges,
            ),
            child,
        )
        self.edges = {
            router.name: FarEnd(
                self.site.machine(router, tuple(legs.networks.values())), self.site.project.name, cluster
            )
            for router in plan.routers()
        }
        self.register_outputs({})
