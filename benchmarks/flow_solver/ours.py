"""This repository's solver on the benchmark's workload.

Usage: ours.py WORKLOAD FINISHES; prints the CPU seconds of the call, of the event loop in it, and of loading
the machine code beforehand.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from capacity.network.arrays import Demand, Network, finish_times, warm_up


def main() -> None:
    """Solve the workload and write when each flow was done."""
    first, *_ = Path(sys.argv[1]).read_text(encoding="ascii").splitlines()
    cities, city_bps, core_bps, _ = (float(field) for field in first.split())
    start, size, city = np.loadtxt(sys.argv[1], skiprows=1, unpack=True)
    lines = np.arange(int(cities))
    network = Network(
        capacity_bps=np.append(np.full(len(lines), city_bps), core_bps),
        path_links=np.column_stack([lines, np.full(len(lines), len(lines))]).ravel(),
        path_start=2 * np.arange(len(lines) + 1),
    )
    demand = Demand(start, size, city.astype(np.int64))
    began = time.process_time()
    warm_up()
    loaded = time.process_time()
    times = finish_times(network, demand)
    print(time.process_time() - loaded, times.cpu_s, loaded - began)
    np.savetxt(sys.argv[2], times.finish_s, fmt="%.17g")


main()
