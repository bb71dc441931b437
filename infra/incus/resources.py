"""The kinds of Incus resources.

Each class only names its attributes: what they mean to Incus, and every check of them, has its home in the
provider. `project` is the Incus project; without it the provider's own. Attributes that Incus answers
(outputs) are given to Pulumi as None, which is how it learns that they exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from infra.incus.records import AclRule, Config, Device, SourceFile, WaitFor


class Project(pulumi.CustomResource):
    """An Incus project. Its id is its name."""

    name: pulumi.Output[str]
    description: pulumi.Output[str]
    config: pulumi.Output[Mapping[str, str]]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        description: pulumi.Input[str] | None = None,
        config: Config | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"name": name, "description": description, "config": config}
        super().__init__("incus:index:Project", resource_name, props, opts)


class Network(pulumi.CustomResource):
    """A managed network: a bridge if no `type` is given. Its id is `<project>/<name>`."""

    name: pulumi.Output[str]
    project: pulumi.Output[str]
    description: pulumi.Output[str]
    type: pulumi.Output[str]
    config: pulumi.Output[Mapping[str, str]]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        project: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        type: pulumi.Input[str] | None = None,
        config: Config | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"name": name, "project": project, "description": description, "type": type, "config": config}
        super().__init__("incus:index:Network", resource_name, props, opts)


class NetworkAcl(pulumi.CustomResource):
    """A network ACL. Its id is `<project>/<name>`."""

    name: pulumi.Output[str]
    project: pulumi.Output[str]
    description: pulumi.Output[str]
    ingress: pulumi.Output[Sequence[Mapping[str, str]]]
    egress: pulumi.Output[Sequence[Mapping[str, str]]]
    config: pulumi.Output[Mapping[str, str]]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        project: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        ingress: pulumi.Input[Sequence[pulumi.Input[AclRule]]] | None = None,
        egress: pulumi.Input[Sequence[pulumi.Input[AclRule]]] | None = None,
        config: Config | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "name": name,
            "project": project,
            "description": description,
            "ingress": ingress,
            "egress": egress,
            "config": config,
        }
        super().__init__("incus:index:NetworkAcl", resource_name, props, opts)


class Profile(pulumi.CustomResource):
    """A profile. Its id is `<project>/<name>`.

    Incus makes a profile `default` in every project that has profiles of its own: one of that name is taken
    over when created here, and emptied instead of deleted.
    """

    name: pulumi.Output[str]
    project: pulumi.Output[str]
    description: pulumi.Output[str]
    config: pulumi.Output[Mapping[str, str]]
    devices: pulumi.Output[Sequence[Mapping[str, Any]]]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        project: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        config: Config | None = None,
        devices: pulumi.Input[Sequence[pulumi.Input[Device]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "name": name,
            "project": project,
            "description": description,
            "config": config,
            "devices": devices,
        }
        super().__init__("incus:index:Profile", resource_name, props, opts)


class Image(pulumi.CustomResource):
    """An image from local files. Its id is `<project>/<fingerprint>`.

    The fingerprint follows from the files alone and is known in a preview already. An image that is there is
    shared: the last resource to go deletes it, unless a hand had put it there (`adopted`). An alias moves to
    the image that claimed it last.
    """

    project: pulumi.Output[str]
    source_file: pulumi.Output[Mapping[str, str]]
    aliases: pulumi.Output[Sequence[str]]
    fingerprint: pulumi.Output[str]
    adopted: pulumi.Output[bool]

    def __init__(
        self,
        resource_name: str,
        *,
        source_file: pulumi.Input[SourceFile],
        aliases: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        project: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "project": project,
            "source_file": source_file,
            "aliases": aliases,
            "fingerprint": None,
            "adopted": None,
        }
        super().__init__("incus:index:Image", resource_name, props, opts)


class Instance(pulumi.CustomResource):
    """A container or virtual machine. Its id is `<project>/<name>`.

    `image` is a fingerprint (`Image.fingerprint`) or an alias. It runs unless `running` is False. `profiles`
    is ["default"] if not given, and none at all if [].
    """

    name: pulumi.Output[str]
    project: pulumi.Output[str]
    image: pulumi.Output[str]
    description: pulumi.Output[str]
    type: pulumi.Output[str]
    ephemeral: pulumi.Output[bool]
    running: pulumi.Output[bool]
    wait_for: pulumi.Output[Sequence[Mapping[str, str]]]
    profiles: pulumi.Output[Sequence[str]]
    devices: pulumi.Output[Sequence[Mapping[str, Any]]]
    config: pulumi.Output[Mapping[str, str]]
    target: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        image: pulumi.Input[str],
        project: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        type: pulumi.Input[str] | None = None,
        ephemeral: pulumi.Input[bool] | None = None,
        running: pulumi.Input[bool] | None = None,
        wait_for: pulumi.Input[Sequence[pulumi.Input[WaitFor]]] | None = None,
        profiles: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        devices: pulumi.Input[Sequence[pulumi.Input[Device]]] | None = None,
        config: Config | None = None,
        target: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "name": name,
            "project": project,
            "image": image,
            "description": description,
            "type": type,
            "ephemeral": ephemeral,
            "running": running,
            "wait_for": wait_for,
            "profiles": profiles,
            "devices": devices,
            "config": config,
            "target": target,
        }
        super().__init__("incus:index:Instance", resource_name, props, opts)


class InstanceDevice(pulumi.CustomResource):
    """A device added to an instance that stands already. Its id is `<project>/<instance>/<device name>`.

    The instance itself does not count it as drift: the device carries a mark that says whose it is.
    """

    instance: pulumi.Output[str]
    project: pulumi.Output[str]
    name: pulumi.Output[str]
    type: pulumi.Output[str]
    properties: pulumi.Output[Mapping[str, str]]

    def __init__(
        self,
        resource_name: str,
        *,
        instance: pulumi.Input[str],
        name: pulumi.Input[str],
        type: pulumi.Input[str],
        properties: Config | None = None,
        project: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "instance": instance,
            "project": project,
            "name": name,
            "type": type,
            "properties": properties,
        }
        super().__init__("incus:index:InstanceDevice", resource_name, props, opts)


class StoragePool(pulumi.CustomResource):
    """A storage pool. Its id is its name."""

    name: pulumi.Output[str]
    driver: pulumi.Output[str]
    description: pulumi.Output[str]
    config: pulumi.Output[Mapping[str, str]]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        driver: pulumi.Input[str],
        description: pulumi.Input[str] | None = None,
        config: Config | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"name": name, "driver": driver, "description": description, "config": config}
        super().__init__("incus:index:StoragePool", resource_name, props, opts)


class StorageVolume(pulumi.CustomResource):
    """A custom volume of a storage pool. Its id is `<project>/<pool>/<name>`."""

    name: pulumi.Output[str]
    pool: pulumi.Output[str]
    project: pulumi.Output[str]
    description: pulumi.Output[str]
    content_type: pulumi.Output[str]
    config: pulumi.Output[Mapping[str, str]]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        pool: pulumi.Input[str],
        project: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        content_type: pulumi.Input[str] | None = None,
        config: Config | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "name": name,
            "pool": pool,
            "project": project,
            "description": description,
            "content_type": content_type,
            "config": config,
        }
        super().__init__("incus:index:StorageVolume", resource_name, props, opts)


class Certificate(pulumi.CustomResource):
    """A certificate that the server trusts. Its id is its fingerprint.

    `certificate` is PEM text; `restricted` limits it to `projects`. Nothing here is secret: the key stays
    with the client.
    """

    name: pulumi.Output[str]
    certificate: pulumi.Output[str]
    description: pulumi.Output[str]
    type: pulumi.Output[str]
    restricted: pulumi.Output[bool]
    projects: pulumi.Output[Sequence[str]]
    fingerprint: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        certificate: pulumi.Input[str],
        description: pulumi.Input[str] | None = None,
        type: pulumi.Input[str] | None = None,
        restricted: pulumi.Input[bool] | None = None,
        projects: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "name": name,
            "certificate": certificate,
            "description": description,
            "type": type,
            "restricted": restricted,
            "projects": projects,
            "fingerprint": None,
        }
        super().__init__("incus:index:Certificate", resource_name, props, opts)
