"""The data center: where the shared systems run and every city's lines arrive."""

from __future__ import annotations

import pulumi

from infra.lines import FarEnd
from infra.sites import Site, SiteArgs


class DataCenter(pulumi.ComponentResource):
    """A site with its edge routers, made before the lines that arrive at them. ``edges``: by name."""

    def __init__(self, name: str, args: SiteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("omi:infra:DataCenter", name, {}, opts)
        self.site = Site(name, args, pulumi.ResourceOptions(parent=self))
        self.edges = {
            router.name: FarEnd(self.site.machine(router), self.site.project.name, args.cluster)
            for router in args.plan.routers()
        }
        self.register_outputs({})
