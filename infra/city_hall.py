"""A city hall's edge: the router and the lines that leave from it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.lines import FarEnd, Lines, LinesArgs
from infra.sites import Site, SiteArgs


@dataclass(frozen=True)
class CityHallArgs:
    """The site, and the centers' edge routers its lines arrive at."""

    site: SiteArgs
    centers: dict[str, FarEnd]


class CityHall(pulumi.ComponentResource):
    """A site, its lines, and the router between them."""

    def __init__(self, name: str, args: CityHallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("omi:infra:CityHall", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.site = Site(name, args.site, child)
        self.edge = CityEdge(f"{name}-edge", self.site, args.centers, child)
        self.register_outputs({})


class CityEdge(pulumi.ComponentResource):
    """The city's router with a card in each of its lines."""

    def __init__(
        self,
        name: str,
        site: Site,
        centers: dict[str, FarEnd],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("omi:infra:CityEdge", name, {}, opts)
        plan, cluster = site.args.plan, site.args.cluster
        lines = Lines(
            f"{plan.name}-lines",
            LinesArgs(
                links=plan.links,
                networks={network.name: network for network in plan.networks},
                near=cluster,
                far=centers,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        for router in plan.routers():
            site.machine(router, tuple(lines.networks.values()))
        self.register_outputs({})
