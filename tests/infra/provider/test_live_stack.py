"""The provider against the lab's daemon, driven by Pulumi's own command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

pytestmark = pytest.mark.live

INSTANCE = """
    provider = incus.Provider("lab", endpoint=SOCKET, project="{project}")
    opts = pulumi.ResourceOptions(provider=provider)
    network = incus.Network(
        "net",
        name="{bridge}",
        config={"ipv4.address": "none", "ipv6.address": "none"},
        opts=pulumi.ResourceOptions(provider=provider),
    )
    profile = incus.Profile(
        "base",
        name="base",
        devices=[incus.Device(name="root", type="disk", properties={"path": "/", "pool": "{pool}"})],
        opts=opts,
    )
    image = incus.Image(
        "image",
        source_file=incus.SourceFile(data_path="{data_path}", metadata_path="{metadata_path}"),
        aliases=["tiny"],
        opts=opts,
    )
    host = incus.Instance(
        "host",
        name="host",
        image=image.fingerprint,
        profiles=[profile.name],
        devices=[
            incus.Device(name="eth0", type="nic", properties={"nictype": "bridged", "parent": network.name}),
        ],
        config={"user.role": "edge", "limits.processes": 200, "security.nesting": False},
        opts=opts,
    )
    pulumi.export("fingerprint", image.fingerprint)
"""


@pytest.fixture
def standing(stack, project, pool, bridge, bootable):
    """A stack with a network, a profile, an image and a running instance."""
    stack.write(INSTANCE, project=project.project, pool=pool, bridge=bridge, **bootable)
    stack.up()
    return stack


def test_what_is_declared_stands_and_a_second_look_changes_nothing(standing, project, bridge):
    host = project.get(f"/1.0/instances/host?project={project.project}")
    assert host["status"] == "Running"
    assert host["profiles"] == ["base"]
    assert host["devices"]["eth0"] == {"type": "nic", "nictype": "bridged", "parent": bridge}
    assert host["config"]["limits.processes"] == "200"
    standing.assert_clean()
