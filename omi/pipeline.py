"""`omi lab up`: from nothing to the running, configured, checked lab, in five chapters.

prove       omi capacity verdict                                                        (capacity/)
prepare     what the machine needs: packages, pulumi, namespace, daemon, images, keys   (lab/)
            -- these two, and the stages of `prepare`, run side by side --
build       pulumi up                                                                   (infra/)
configure   ansible-playbook ansible/site.yml                                           (ansible/)
check       the tests of the running hosts that need no load                            (tests/hosts/)
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path

import lab
from infra.provider.errors import ProviderError
from inventory.topology import Topology
from inventory.verdict import directory, read_verdict
from lab import pulumi_state
from lab.commands import dying_with_us, follow, run
from lab.environment import process_environment
from lab.files import write_atomically
from lab.stage import Detail, Outcome, Stage, timed
from omi import interrupted

NOTHING_BUT_LOOKS = re.compile(r"^\s*Resources:\s*\n\s*\d+ unchanged\s*$", re.MULTILINE)
CHANGED_HOST = re.compile(r"\bchanged=[1-9]")

PULUMI_UP = (
    "pulumi",
    "up",
    "--yes",
    "--skip-preview",
    "--non-interactive",
    "--color=never",
    "--suppress-outputs",
)
VERDICT = ("omi", "capacity", "verdict")
ANSIBLE = ("ansible-playbook", "ansible/site.yml")
CHECK = (
    *("pytest", "-q", "-m", "live and not load"),
    # the order is the tests' own: those that take long begin first (tests/hosts/conftest.py)
    *("-n", "4", "--dist", "loadgroup", "--no-loadscope-reorder"),
    "tests/hosts",
)


def bring_up(topology: Topology, checkout: Path, report: lab.Report) -> list[lab.StageResult]:
    """Build, configure and check the lab of ``topology``; a second run changes nothing.

    Raises lab.LabError where a stage fails, naming the log that tells the whole of it.
    """
    hosts = [(host.name, host.management) for host in topology.hosts()]
    workshop = Workshop(checkout)
    return [
        *lab.prepare(hosts, checkout, report, beside=[prove_stage(workshop, topology.digest)]),
        timed("build", report, lambda detail: build(workshop, detail)),
        timed("configure", report, lambda detail: configure(workshop, detail)),
        timed("check", report, lambda detail: check(workshop, detail)),
    ]


class Workshop:
    """The checkout, with the environment its tools run in and a log for each of them."""

    def __init__(self, checkout: Path) -> None:
        self.checkout = checkout
        self.paths = lab.LabPaths.from_environment()

    def run(self, name: str, command: Sequence[str], detail: Detail) -> str:
        """Run ``command`` in the checkout and return what it printed. Raises lab.LabError if it fails."""
        lines: list[str] = []

        def hear(line: str) -> None:
            lines.append(line)
            if line.strip():
                detail(line.strip()[:100])

        log = self.checkout / ".lab" / f"{name}.log"
        log.unlink(missing_ok=True)
        follow(command, log, hear, env=process_environment(self.paths), cwd=self.checkout)
        return "\n".join(lines)


def prove_stage(workshop: Workshop, digest: str) -> Stage:
    """`omi capacity verdict`, where this declaration has none yet.

    Whether one that says no stops us is not decided here but at the gate before `pulumi up`.
    """
    verdicts = directory(workshop.checkout)

    def is_proven() -> bool:
        return read_verdict(verdicts, digest) is not None

    def prove(detail: Detail) -> None:
        try:
            workshop.run("prove", dying_with_us(VERDICT), detail)
        except lab.LabError:
            # a verdict that says no has another exit status than one that says yes
            if not is_proven():
                raise

    return Stage("prove", is_proven, prove)


def build(workshop: Workshop, detail: Detail) -> Outcome:
    """`pulumi up`, after a look at what a killed one had begun."""
    recover(workshop, detail)
    output = workshop.run("build", PULUMI_UP, detail)
    pulumi_state.forget_salt(workshop.checkout)
    return "unchanged" if NOTHING_BUT_LOOKS.search(output) else "changed"


def recover(workshop: Workshop, detail: Detail) -> None:
    """Take away what a killed pulumi had begun, if there is any."""
    environment = process_environment(workshop.paths)
    exported = json.loads(run(("pulumi", "stack", "export"), env=environment, cwd=workshop.checkout))
    begun = interrupted.creations(exported)
    if not begun:
        return
    detail("a pulumi was killed; taking away " + ", ".join(map(str, begun)))
    try:
        asyncio.run(interrupted.take_away(begun, str(workshop.paths.incus_socket)))
    except ProviderError as error:
        raise lab.LabError(str(error), "look at it with `incus`, then run `omi lab up` again") from None
    file = workshop.checkout / ".lab" / "settled.json"
    write_atomically(file, interrupted.settled(exported), mode=0o600)
    workshop.run("import", ("pulumi", "stack", "import", "--file", str(file)), detail)
    file.unlink()


def configure(workshop: Workshop, detail: Detail) -> Outcome:
    """`ansible-playbook ansible/site.yml`."""
    output = workshop.run("configure", ANSIBLE, detail)
    return "changed" if CHANGED_HOST.search(output) else "unchanged"


def check(workshop: Workshop, detail: Detail) -> Outcome:
    """The tests of the running hosts, less those that load or break something."""
    workshop.run("check", CHECK, detail)
    return "unchanged"
