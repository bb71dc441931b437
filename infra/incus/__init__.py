"""The resources of the Incus provider, as a Pulumi program writes them.

Names and attributes are those of the official Terraform provider for Incus, so that a reader who knows that
one reads this one. A block that may be repeated there (`device`) is a list here (`devices`).
"""

from infra.incus.provider import Provider
from infra.incus.records import AclRule, ConfigValue, Device, SourceFile, WaitFor
from infra.incus.resources import (
    Certificate,
    Image,
    Instance,
    InstanceDevice,
    Network,
    NetworkAcl,
    Profile,
    Project,
    StoragePool,
    StorageVolume,
)

__all__ = [
    "AclRule",
    "Certificate",
    "ConfigValue",
    "Device",
    "Image",
    "Instance",
    "InstanceDevice",
    "Network",
    "NetworkAcl",
    "Profile",
    "Project",
    "Provider",
    "SourceFile",
    "StoragePool",
    "StorageVolume",
    "WaitFor",
]
