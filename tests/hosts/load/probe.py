"""Sends and receives numbered datagrams; run on a host as ``python3 - '<orders>' < probe.py``. Standard library only.

Orders (JSON): ``port`` to listen on (0: none), ``start`` and ``seconds`` of sending in Unix time, ``interval`` in
seconds, ``flows``: a list of {"name", "source" (address or ""), "source_port", "to", "port"}.
Prints JSON: ``sent`` per flow, and per flow heard ``received``, the ``longest`` time in seconds between two arrivals
(the beginning and the end of sending count as arrivals) and ``at``, when it began, in seconds after ``start``.
Arrival is when the kernel took the datagram in, not when this program got round to reading it.
"""

import contextlib
import itertools
import json
import socket
import struct
import sys
import time

SO_TIMESTAMPNS = 35
AFTERWARDS = 0.7
"""Seconds to go on listening once sending has ended."""


def listener(port):
    """A socket with as much room as there is, that tells when the kernel received."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)  # the kernel gives what it allows
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.bind(("", port))
    sock.setblocking(False)
    return sock


def sender(flow):
    """A socket for one flow: its source port decides, by the routers' hash, which line it takes."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((flow["source"], flow["source_port"]))
    sock.setblocking(False)
    return sock


def drain(sock, heard):
    """Read all that has arrived: flow name to (number, arrival) pairs."""
    while True:
        try:
            data, extra, _, _ = sock.recvmsg(64, 64)
        except BlockingIOError:
            return
        seconds, nanoseconds = struct.unpack("qq", extra[0][2][:16])
        name, _, number = data.decode().rpartition(" ")
        heard.setdefault(name, []).append((int(number), seconds + nanoseconds / 1e9))


def send(sockets, number, sent):
    """One datagram a flow. A network that refuses it at once has lost it like any other."""
    for flow, sock in sockets:
        with contextlib.suppress(OSError):
            sock.sendto(f"{flow['name']} {number}".encode(), (flow["to"], flow["port"]))
        sent[flow["name"]] = sent.get(flow["name"], 0) + 1


def summary(arrivals, start, seconds):
    """What was received of a flow, and its longest silence."""
    times = [start, *sorted(at for _, at in arrivals), start + seconds]
    longest, at = max((after - before, before - start) for before, after in itertools.pairwise(times))
    return {
        "received": len({number for number, _ in arrivals}),
        "longest": round(longest, 4),
        "at": round(at, 3),
    }


def main(orders):
    start, seconds, interval = orders["start"], orders["seconds"], orders["interval"]
    sockets = [(flow, sender(flow)) for flow in orders["flows"]]
    ear = listener(orders["port"]) if orders["port"] else None
    heard, sent = {}, {}
    number, count = 0, round(seconds / interval)
    end = start + seconds + AFTERWARDS
    while time.time() < end:
        # The kernel notes when each arrives, so nobody has to be woken for it: all are read when the next are sent.
        due = start + number * interval if number < count else time.time() + interval
        time.sleep(max(0.0, due - time.time()))
        if ear:
            drain(ear, heard)
        while number < count and time.time() >= start + number * interval:
            send(sockets, number, sent)
            number += 1
    report = {name: summary(arrivals, start, seconds) for name, arrivals in heard.items()}
    print(json.dumps({"sent": sent, "heard": report}))


main(json.loads(sys.argv[1]))
