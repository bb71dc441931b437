"""The whole cloud in the order in which it can stand: the centers, then each city with its lines to them."""

from __future__ import annotations

import pulumi

from infra import gate
from infra import settings as stack
from infra.backup_center import BackupCenter, BackupCenterArgs
from infra.city_hall import CityHall, CityHallArgs
from infra.cluster import Cluster, clusters
from infra.data_center import DataCenter
from infra.sites import SiteArgs
from inventory.load import load
from inventory.plan import plan
from inventory.problem import InvalidDeclarationError
from inventory.topology import Topology
from inventory.verdict import directory


def build() -> None:
    """Everything the stack declares. Raises pulumi.RunError, and makes nothing, where it is wrong."""
    settings = stack.read()
    topology = planned(settings)
    proof = proven(topology, settings)
    placed = clusters(settings, [site.name for site in topology.sites])
    build_sites(topology, placed, settings)
    pulumi.export("declaration", topology.digest)
    pulumi.export("proof", proof)


def planned(settings: stack.Settings) -> Topology:
    """The plan of the stack's declaration. Raises pulumi.RunError with every mistake in it."""
    try:
        return plan(load(settings.inventory))
    except InvalidDeclarationError as error:
        raise pulumi.RunError(f"the declaration is wrong:\n{error}") from None


def proven(topology: Topology, settings: stack.Settings) -> str:
    """On what the declaration is built. Raises pulumi.RunError where it has no passing verdict."""
    try:
        return gate.pass_through(directory(stack.ROOT), topology.digest, settings.without_verdict)
    except gate.RefusedError as error:
        raise pulumi.RunError(str(error)) from None


def build_sites(topology: Topology, placed: dict[str, Cluster], settings: stack.Settings) -> None:
    """The two centers, then the cities."""
    keys = settings.authorized_keys.read_text()

    def arguments(name: str) -> SiteArgs:
        return SiteArgs(topology.site(name), placed[name], keys, settings.storage_pool)

    data_center = DataCenter("dc", arguments("dc"))
    backup_center = BackupCenter("bc", BackupCenterArgs(arguments("bc"), data_center.edges))
    centers = data_center.edges | backup_center.edges
    for city in topology.cities:
        CityHall(city.name, CityHallArgs(arguments(city.name), centers))
