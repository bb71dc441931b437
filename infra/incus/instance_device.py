"""A device of an instance as a resource of its own."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from infra.incus.records import Config


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
