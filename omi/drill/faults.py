"""What can be broken in the lab, and how it is put right: thin effects, each of which may be repeated."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from lab.errors import LabError
from omi.drill.note import Facts
from omi.drill.reach import Lab

SILENT, FORWARDING = 0, 3
"""States of a bridge's port; in both the card on it keeps its carrier, so nobody is told."""


def cut(lab: Lab, network: str) -> None:
    """Cut a line silently: both ends keep their carrier, so that only missing answers tell."""
    lab.in_namespace("ip", "link", "set", network, "down")


def mend(lab: Lab, network: str) -> None:
    """Join the line again."""
    lab.in_namespace("ip", "link", "set", network, "up")


def instances(lab: Lab, site: str) -> dict[str, dict[str, Any]]:
    """Name of each instance of a site to what Incus says of it, its cards included."""
    listed = json.loads(lab.incus("list", "--project", site, "--format", "json"))
    return {instance["name"]: instance for instance in listed}


def ports(found: dict[str, dict[str, Any]], hosts: Sequence[str]) -> list[str]:
    """The bridge ports in which the running ones of the hosts are plugged."""
    cards = [
        card
        for host in hosts
        for card in ((found.get(host, {}).get("state") or {}).get("network") or {}).values()
    ]
    return [card["host_name"] for card in cards if card.get("host_name")]


def set_ports(lab: Lab, names: Sequence[str], state: int) -> None:
    """Let bridge ports forward or not, all in one go. A port that is no longer there is passed over."""
    lines = "".join(f"link set dev {name} state {state}\n" for name in names)
    try:
        lab.in_namespace("bridge", "-force", "-batch", "-", given=lines)
    except LabError as error:
        if "Cannot find device" not in str(error) and "No such device" not in str(error):
            raise


def power_off(lab: Lab, site: str, hosts: Sequence[str]) -> None:
    """Pull the plugs of hosts of a site, all at once.

    Their ports go silent first: a container that is only stopped still says goodbye to its neighbours.
    """
    found = instances(lab, site)
    running = [host for host in hosts if found[host]["status"] == "Running"]
    set_ports(lab, ports(found, running), SILENT)
    for host in running:
        lab.forget(host)
    if running:
        lab.incus("stop", "--force", "--project", site, *running, seconds=300)


def power_on(lab: Lab, site: str, hosts: Sequence[str]) -> None:
    """Switch them on again, those that are off; of those that are on, the ports forward again."""
    found = instances(lab, site)
    set_ports(lab, ports(found, hosts), FORWARDING)
    off = [host for host in hosts if found[host]["status"] != "Running"]
    if off:
        lab.incus("start", "--project", site, *off, seconds=300)


def unplug(lab: Lab, facts: Facts) -> None:
    """Pull the plugs of ``facts``: their ``site`` and their ``hosts``."""
    power_off(lab, str(facts["site"]), facts["hosts"])


def plug_in(lab: Lab, facts: Facts) -> None:
    """Switch on again what :func:`unplug` switched off."""
    power_on(lab, str(facts["site"]), facts["hosts"])


def await_ssh(lab: Lab, hosts: Sequence[str], seconds: float = 120) -> None:
    """Wait until all hosts can be asked. Raises LabError."""
    deadline = time.monotonic() + seconds
    waiting = list(hosts)
    while waiting:
        answers = lab.everywhere(waiting, "true", seconds=15)
        waiting = [host for host, answer in answers.items() if isinstance(answer, Exception)]
        if waiting and time.monotonic() > deadline:
            raise LabError(f"{', '.join(waiting)} did not come back", "look at them with `incus list`")


def kill(lab: Lab, host: str, program: str, user: str) -> None:
    """kill -9 of every process of a program at once. Raises LabError where none runs."""
    lab.on(host, f"pkill -KILL -u {user} -x {program}")


def kill_units(lab: Lab, host: str, units: str) -> None:
    """kill -9 of services. Masked until :func:`start_units`, or the service manager would bring them back at once."""
    lab.on(host, f"systemctl mask --runtime --quiet {units}; systemctl kill --signal=KILL {units}")


def start_units(lab: Lab, host: str, units: str) -> None:
    """Start services again, also those that :func:`kill_units` has killed."""
    lab.on(
        host,
        f"systemctl unmask --runtime --quiet {units}; systemctl reset-failed {units}; systemctl start {units}",
    )
