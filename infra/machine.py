"""A host of the plan as the arguments of an Incus instance. Pure: nothing is made here."""

from __future__ import annotations

from netaddr import IPNetwork

from infra.incus import Device
from inventory.topology import Host, Interface, Site, Volume

MANAGEMENT = "mgmt0"
MONITOR = "monitor"
"""The role whose hosts ask all others of their site over management."""

CARRIERS_ROOM = 1.1
"""Incus' limiter has a bucket of one frame and loses what its timer is late for: set to the very rate, it delivers
0.85 to 0.97 of it, and drops where the router's classes mean nothing."""

ROUTER_ALLOWANCE = "800%"
"""Incus' soft limit: beside others that want the processors too, a router weighs eight of them. It takes little, but
one that is late for its BFD packets takes all its neighbours for dead at once (docs/decisions/0095)."""

IMAGES = {
    "db": "database",
    "etcd": "database",
    "store": "database",
    "file": "database",
    "app": "service",
    "broker": "service",
    "ca": "service",
    "cs": "service",
    "desk": "desktop",
    "drop": "service",
    "monitor": "monitor",
    "print": "service",
    "profile": "service",
    "proxy": "service",
}
"""Role to image, where it is not the terminals'. Few images for many roles: each takes a minute to build."""


def image_kind(host: Host) -> str:
    """Which image a host starts from."""
    return "router" if host.is_router else IMAGES.get(host.role, "terminal")


Properties = dict[str, str | int | float | bool]


def network_card(
    name: str, network: str, rate_bps: int | None = None, guards: Properties | None = None
) -> Device:
    """A card in ``network``; ``rate_bps`` is the rate of the line behind it, ``guards`` what it may not send.

    Incus limits what comes in (limits.ingress); with both ends of a line limited, each direction is. The router at
    the other end keeps to the line's rate by its own shaper (ansible/roles/router); this is for one that does not.
    """
    properties: Properties = {"nictype": "bridged", "parent": network, "name": name, **(guards or {})}
    if rate_bps is not None:
        properties["limits.ingress"] = f"{round(rate_bps * CARRIERS_ROOM) // 1_000_000}Mbit"
    return Device(name=name, type="nic", properties=properties)


def volume_name(host: Host, volume: Volume) -> str:
    """What the volume is called in the pool."""
    return f"{host.name}-{volume.name}"


def disk(host: Host, volume: Volume, pool: str) -> Device:
    """The volume as the host sees it."""
    properties = {"pool": pool, "source": volume_name(host, volume), "path": volume.path}
    return Device(name=volume.name, type="disk", properties=properties)


def guards(host: Host, address: str) -> Properties:
    """What a card in a zone is held to: a host that forwards for nobody sends with its own addresses only.

    A router's cards are not guarded: it passes on what others sent, and its packet filter knows which sources each of
    its interfaces may bring.
    """
    if host.is_router:
        return {}
    if host.shares:
        # Incus knows one address a card. Whose a virtual one is at the moment, the hosts settle among themselves.
        return {"security.ipv6_filtering": True, "security.mac_filtering": True}
    return {
        "ipv4.address": address,
        "security.ipv4_filtering": True,
        "security.ipv6_filtering": True,
        "security.mac_filtering": True,
    }


def management_card(host: Host, site: Site) -> Device:
    """The card that people come in by. Hosts answer them; they have nothing to say to each other there.

    A bridge lets an isolated card talk to those that are not isolated, and to nobody else. A monitor's card is not,
    because it asks all others; it is guarded instead, so that nobody can be asked in another's name.
    """
    network = f"{site.tag}-mgmt"
    if host.role == MONITOR:
        return network_card(MANAGEMENT, network, guards=guards(host, host.management))
    return network_card(MANAGEMENT, network, guards={"security.port_isolation": True})


def own_interfaces(host: Host, site: Site) -> tuple[Interface, ...]:
    """The interfaces that are part of the instance itself: those in networks of its own site.

    Where another site's line arrives, the card is a resource of its own, made with that line: so a newcomer
    adds to an edge router and changes nothing of it.
    """
    own = {network.name for network in site.networks}
    return tuple(interface for interface in host.interfaces if interface.network in own)


def devices(host: Host, site: Site, pool: str) -> list[Device]:
    """The cards the host is made with, management first, and its volumes."""
    cards = [
        network_card(i.name, i.network, i.rate_bps, guards(host, i.ip)) for i in own_interfaces(host, site)
    ]
    disks = [disk(host, volume, pool) for volume in host.volumes]
    return [management_card(host, site), *cards, *disks]


def instance_config(host: Host, site: Site, authorized_keys: str) -> dict[str, str]:
    """What the image's templates turn into a reachable host (management address, who may sign in); its weight."""
    management = next(network for network in site.networks if network.kind == "management")
    length = IPNetwork(management.prefix).prefixlen
    weight = {"limits.cpu.allowance": ROUTER_ALLOWANCE} if host.is_router else {}
    return {
        "user.omi.mgmt-address": f"{host.management}/{length}",
        "user.omi.authorized-keys": authorized_keys.strip(),
        **weight,
    }
