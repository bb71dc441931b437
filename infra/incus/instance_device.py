"""A device of an instance as a resource of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from infra.incus.records import Device


class InstanceDevice(pulumi.CustomResource):
    """A device added to an instance that stands already. Its id is `<project>/<instance>/<device name>`.

    The instance itself does not count it as drift: the device carries a mark that says whose it is.
    """

    instance: pulumi.Output[str]
    project: pulumi.Output[str]
    device: pulumi.Output[Mapping[str, Any]]

    def __init__(
        self,
        resource_name: str,
        *,
        instance: pulumi.Input[str],
        device: pulumi.Input[Device],
        project: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"instance": instance, "project": project, "device": device}
        super().__init__("incus:index:InstanceDevice", resource_name, props, opts)
