"""The kinds of resources: `KINDS` is the one list of them."""

from infra.provider.kinds.base import Kind
from infra.provider.kinds.certificate import Certificate
from infra.provider.kinds.documents import (
    Network,
    NetworkAcl,
    Profile,
    Project,
    StoragePool,
    StorageVolume,
)
from infra.provider.kinds.image import Image
from infra.provider.kinds.instance import Instance
from infra.provider.kinds.instance_device import InstanceDevice

_ALL: tuple[Kind, ...] = (
    Project(),
    Network(),
    NetworkAcl(),
    Profile(),
    Image(),
    Instance(),
    InstanceDevice(),
    StoragePool(),
    StorageVolume(),
    Certificate(),
)

KINDS: dict[str, Kind] = {f"incus:index:{type(kind).__name__}": kind for kind in _ALL}
"""Every kind by its Pulumi type token."""

__all__ = ["KINDS", "Kind"]
