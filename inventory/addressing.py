"""Numbers to addresses. A site's octet fixes everything; nothing here depends on any other site.

10.<octet>.0.0/16        the site: 0 data center, 255 backup center, 1 to 250 the city of that number
    zone subnets         as declared (kikan .16.0/20, joho .32.0/20)
    .240.0/24            management, out of band
    .253.0/24            core: between the site's own edge routers
    .254.0/24            lines, a /31 each
    .255.0/24            loopbacks, a /32 each
"""

from __future__ import annotations

from netaddr import AddrFormatError, IPAddress, IPNetwork

SUPERNET = IPNetwork("10.0.0.0/8")
DATA_CENTER_OCTET = 0
BACKUP_CENTER_OCTET = 255

MANAGEMENT = "0.0.240.0/24"
CORE = "0.0.253.0/24"
LINES = "0.0.254.0/24"
LOOPBACKS = "0.0.255.0/24"
RESERVED = {"management": MANAGEMENT, "core": CORE, "lines": LINES, "loopbacks": LOOPBACKS}

ACCESS_SLOT = 8
"""Slot of the disaster access among a city's lines; slots 0 to 7 are the lines themselves."""


def check_subnet(text: str) -> str:
    """``text`` itself if it is a canonical prefix inside 0.0.0.0/16 that holds at least 256 addresses.

    Raises ValueError, saying what would be right.
    """
    try:
        net = IPNetwork(text)
    except (AddrFormatError, ValueError):
        raise ValueError("not a prefix; write it like 0.0.16.0/20") from None
    if net.version != 4 or net.first >= 1 << 16 or not 17 <= net.prefixlen <= 24:
        raise ValueError("not inside a site; write 0.0.x.0/n with n from 17 to 24")
    if str(net.cidr) != text:
        raise ValueError(f"host bits are set; write {net.cidr}")
    return text


def site_prefix(octet: int) -> IPNetwork:
    """The site's /16."""
    return IPNetwork(f"10.{octet}.0.0/16")


def within(octet: int, subnet: str) -> IPNetwork:
    """``subnet`` (relative, such as 0.0.16.0/20) inside the site's /16."""
    relative = IPNetwork(subnet)
    return IPNetwork((site_prefix(octet).first + relative.first, relative.prefixlen), version=4)


def host_in(octet: int, subnet: str, number: int) -> IPNetwork:
    """The ``number``-th address of ``subnet`` in the site, with the subnet's prefix length."""
    net = within(octet, subnet)
    return IPNetwork(f"{IPAddress(net.first + number)}/{net.prefixlen}")


def point_to_point(octet: int, slot: int) -> tuple[IPNetwork, IPNetwork]:
    """The /31 in ``slot`` of the site's lines: (far end, the site's own end)."""
    first = within(octet, LINES).first + 2 * slot
    return IPNetwork(f"{IPAddress(first)}/31"), IPNetwork(f"{IPAddress(first + 1)}/31")


def loopback(octet: int, number: int) -> str:
    """The ``number``-th router's loopback address, without a length."""
    return str(host_in(octet, LOOPBACKS, number).ip)
