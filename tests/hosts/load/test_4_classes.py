"""The replication link's classes under load: the database gets its guarantee, and bulk what is left of the rest."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = [pytest.mark.live, pytest.mark.load]

STREAMS = 8
SECONDS = 15
"""Long enough that half a second in which a sender had no processor time is 3% and not the class's share."""
BULK_PORT = 5290
DATA = 0.99 * 1448 / 1514
"""Of a declared rate: what the router fills of it, and the share of a frame that is not a header."""
NEARLY = 0.96
"""For the seconds in which eight streams find their rate."""


@pytest.fixture
def copying(topology, ask):
    """Send from the data center to the backup center; servers listen on the classes' ports, and are gone after."""
    source = next(host for host in topology.data_center.hosts if host.zone == "kikan")
    store = next(host for host in topology.backup_center.hosts if host.zone == "kikan")
    declared = topology.backup_center.routers()[0].routing.classes["repl1"]
    ports = {c.name: c.ports[0] if c.ports else BULK_PORT for c in declared}
    there = store.interfaces[0].address.split("/")[0]

    def copy(name):
        # cubic, because the share is held against the declared one: BBR takes what it finds
        command = f"iperf3 -c {there} -p {ports[name]} -P {STREAMS} -t {SECONDS} -O 2 -i 0 -C cubic -J"
        return json.loads(ask(source.name, command))["end"]["sum_received"]["bits_per_second"]

    try:
        for name, port in ports.items():
            ask(store.name, f"nft insert rule inet filter input tcp dport {port} accept comment measurement")
            ask(store.name, f"systemd-run --quiet --collect --unit copy-{name} iperf3 -s -p {port}")
        yield {c.name: c for c in declared}, copy
    finally:
        for name in ports:
            ask(store.name, f"systemctl stop copy-{name} || true")
        ask(store.name, "nft -f /etc/nftables.conf")


def test_alone_a_class_takes_the_whole_link(copying, record):
    classes, copy = copying
    for name, declared in classes.items():
        rate = copy(name)
        record("classes", "Replication classes, Gbit/s", row(name, "alone", rate, declared.ceiling_bps))
        assert declared.ceiling_bps * DATA * NEARLY <= rate <= declared.ceiling_bps


def test_together_each_class_has_its_guarantee(copying, record):
    classes, copy = copying
    with ThreadPoolExecutor(len(classes)) as pool:
        rates = dict(zip(classes, pool.map(copy, classes), strict=True))
    for name, rate in rates.items():
        record(
            "classes", "Replication classes, Gbit/s", row(name, "together", rate, classes[name].guarantee_bps)
        )
    for name, rate in rates.items():
        assert rate >= classes[name].guarantee_bps * DATA * NEARLY
    assert sum(rates.values()) <= max(c.ceiling_bps for c in classes.values())


def row(name, case, rate, declared):
    return {"class": name, "case": case, "gbps": round(rate / 1e9, 3), "declared_gbps": declared / 1e9}
