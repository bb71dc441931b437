"""The running lab as a drill reaches it: its plan, its hosts by ssh, its daemon, its network namespace."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from inventory.model import Cloud
from inventory.topology import Host, Topology
from lab.commands import follow, run
from lab.environment import DIRECTORY, process_environment
from lab.paths import LabPaths

AT_ONCE = 8
"""Hosts that are asked at the same time."""


@dataclass(frozen=True)
class Lab:
    """Everything raises lab.LabError where a command fails."""

    cloud: Cloud
    topology: Topology
    paths: LabPaths
    checkout: Path
    say: Callable[[str], None]
    """Tells whoever watches what is going on."""

    def command(self, host: str, words: str) -> list[str]:
        """The command that runs ``words`` in a shell on ``host``."""
        return ["ssh", "-F", str(self.checkout / DIRECTORY / "ssh_config"), host, words]

    def on(self, host: str, words: str, given: str | None = None, seconds: float = 60) -> str:
        """Run ``words`` in a shell on ``host``, with ``given`` as their input. What they print."""
        return run(self.command(host, words), text=given, timeout=seconds)

    def everywhere(self, hosts: Iterable[str], words: str, seconds: float = 30) -> dict[str, str | Exception]:
        """Run ``words`` on all hosts, several at a time: what each printed, or why it did not."""

        def ask(host: str) -> str | Exception:
            try:
                return self.on(host, words, seconds=seconds)
            except Exception as error:
                return error

        names = list(hosts)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(names, pool.map(ask, names), strict=True))

    def forget(self, host: str) -> None:
        """Close the ssh connection that is kept open: it would wait for a host that is no longer there."""
        config = str(self.checkout / DIRECTORY / "ssh_config")
        subprocess.run(["ssh", "-F", config, "-O", "exit", host], capture_output=True, check=False)

    def incus(self, *words: str, seconds: float = 120) -> str:
        """What the lab's own ``incus`` prints."""
        return run(["incus", *words], env=process_environment(self.paths), timeout=seconds)

    def in_namespace(self, *words: str, given: str | None = None) -> str:
        """What a command prints in the lab's network namespace, where the carriers' side of every line is."""
        return run(["nsenter", f"--net={self.paths.netns_file}", *words], text=given)

    def playbook(self, name: str, **said: str | bool) -> None:
        """Run ansible/``name``.yml with what is ``said`` (-e); its output is in .lab/``name``.log."""
        log = self.checkout / DIRECTORY / f"{name}.log"
        log.unlink(missing_ok=True)
        command = ["ansible-playbook", f"ansible/{name}.yml", "-e", json.dumps(said)]
        environment = process_environment(self.paths)
        follow(command, log, self._heard, env=environment, cwd=self.checkout)

    def _heard(self, line: str) -> None:
        if line.startswith("TASK ["):
            self.say(line.split("[", 1)[1].split("]")[0])

    def hosts_of(self, site: str, *roles: str) -> list[Host]:
        """The hosts of a site that have one of the roles; all, where none is named."""
        return [host for host in self.topology.site(site).hosts if not roles or host.role in roles]
