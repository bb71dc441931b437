"""An Incus daemon that sites run on: the way to reach it, and the images it holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pulumi

from infra.incus import Image, Provider, SourceFile
from infra.settings import ClusterSettings, Settings


@dataclass(frozen=True)
class BuiltImage:
    """An image as lab/ built it: two files."""

    metadata: Path
    rootfs: Path


def built_images(folder: Path) -> dict[str, BuiltImage]:
    """Kind of host to its image, from ``folder``/index.json. Raises pulumi.RunError if there is none."""
    index = folder / "index.json"
    if not index.is_file():
        raise pulumi.RunError(f"no images in {folder}; build them with `omi lab up`")
    entries = json.loads(index.read_text())
    return {
        kind: BuiltImage(folder / entry["metadata"], folder / entry["rootfs"])
        for kind, entry in entries.items()
    }


@dataclass(frozen=True)
class ClusterArgs:
    """How to reach the daemon, and what it must hold."""

    settings: ClusterSettings
    images: dict[str, BuiltImage]
    client_certificate: Path | None
    client_key: pulumi.Output[str] | None


class Cluster(pulumi.ComponentResource):
    """One daemon: a provider of its own and one image for each kind of host."""

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("omi:infra:Cluster", name, {}, opts)
        self.uplinks = args.settings.uplinks
        certificate = args.client_certificate
        self.provider = Provider(
            f"incus-{name}",
            endpoint=args.settings.endpoint,
            server_certificate=args.settings.server_certificate,
            client_certificate=str(certificate) if certificate else None,
            client_key=args.client_key,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.options = pulumi.ResourceOptions(provider=self.provider)
        self.images = {kind: self.image(name, kind, built) for kind, built in args.images.items()}
        self.register_outputs({})

    def image(self, name: str, kind: str, built: BuiltImage) -> Image:
        """The image of ``kind``, uploaded once."""
        return Image(
            f"{name}-{kind}",
            source_file=SourceFile(data_path=str(built.rootfs), metadata_path=str(built.metadata)),
            aliases=[f"omi-{kind}"],
            opts=pulumi.ResourceOptions(parent=self, provider=self.provider),
        )


def clusters(settings: Settings, sites: list[str]) -> dict[str, Cluster]:
    """Site to the cluster that carries it. Raises pulumi.RunError naming every site that none carries."""
    homeless = []
    placement = {}
    for site in sites:
        try:
            placement[site] = settings.cluster(site)
        except KeyError as error:
            homeless.append(str(error.args[0]))
    if homeless:
        raise pulumi.RunError("\n".join(homeless))
    images = built_images(settings.images)
    made = {
        name: Cluster(
            name,
            ClusterArgs(
                settings=settings.clusters[name],
                images=images,
                client_certificate=settings.client_certificate,
                client_key=pulumi.Config("omi").get_secret("client_key"),
            ),
        )
        for name in dict.fromkeys(placement.values())
    }
    return {site: made[name] for site, name in placement.items()}
