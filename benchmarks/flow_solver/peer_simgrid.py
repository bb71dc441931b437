"""The benchmark's peer in Python: SimGrid's own binding, one actor, one asynchronous communication per flow.

Usage: peer_simgrid.py WORKLOAD FINISHES [--cfg=...]; prints the CPU seconds of Engine.run(). Runs under the
system's Python, for which Debian packages the binding.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from simgrid import Actor, Comm, Engine, LinkInRoute, NetZone, this_actor


def build(cities: int, city_bps: float, core_bps: float) -> tuple[list, object]:
    """A star of hosts with a line each into one core link; the cities' hosts and the center's."""
    zone = NetZone.create_full_zone("star")
    center = zone.create_host("center", 1e9)
    core = zone.create_link("core", core_bps / 8).set_latency(0).seal()
    hosts = [zone.create_host(f"city{i}", 1e9) for i in range(cities)]
    for i, host in enumerate(hosts):
        line = zone.create_link(f"line{i}", city_bps / 8).set_latency(0).seal()
        route = [LinkInRoute(line), LinkInRoute(core)]
        zone.add_route(host.netpoint, center.netpoint, None, None, route, False)
    zone.seal()
    return hosts, center


def source(flows: list[tuple[float, int, int]], hosts: list, center: object, comms: list) -> None:
    """Start each flow at its time, then wait for all."""
    for start_s, size, city in flows:
        this_actor.sleep_until(start_s)
        comms.append(Comm.sendto_async(hosts[city], center, size))
    Comm.wait_all(comms)


def main() -> None:
    """Simulate the workload and write when each flow was done."""
    engine = Engine(sys.argv)
    first, *rest = Path(sys.argv[1]).read_text(encoding="ascii").splitlines()
    cities, city_bps, core_bps, _ = first.split()
    flows = [(float(start), int(size), int(city)) for start, size, city in map(str.split, rest)]
    hosts, center = build(int(cities), float(city_bps), float(core_bps))
    comms: list = []
    Actor.create("source", center, source, flows, hosts, center, comms)
    began = time.process_time()
    engine.run()
    print(time.process_time() - began)
    Path(sys.argv[2]).write_text("".join(f"{comm.finish_time!r}\n" for comm in comms), encoding="ascii")


main()
