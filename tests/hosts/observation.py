"""What is seen on the hosts, asked once a run: of all hosts at once, and for all workers of the run.

The first worker that needs an observation asks every host that some test of the run takes as a parameter. What it
saw goes into a file of that run, where the other workers read it. No run sees what another has seen.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from inventory.topology import Host
from lab.files import write_atomically

AT_ONCE = 8
"""Hosts that are asked at a time: their sshd and what they run share the machine's processors."""
MARK = "\n=== omi "
"""Begins the line before each command's output. Its line break is not the output's, which may end with none."""
UNREACHED = "unreached"
"""The key of a host that could not be asked: to what went wrong."""

PKI = "/etc/omi/pki"
CERTIFICATES = f"""
stat -c 'trusted %a %U' {PKI}/authority.pem
for folder in {PKI}/*/; do
  test -e $folder/key.pem || continue
  cd $folder
  echo "verify $folder $(openssl verify -CAfile authority.pem certificate.pem 2>&1 | tail -1)"
  echo "pair $folder $(openssl x509 -in certificate.pem -noout -pubkey | sha256sum) \\
$(openssl pkey -in key.pem -pubout | sha256sum)"
  stat -c "mode $folder%n %a" *
done
systemctl is-active certificate-renew.timer | sed 's/^/timer /'
find /etc /home /opt /root /srv /tmp /usr/local /var -xdev -type f -size -64k \\
  -exec grep -lsE -e '-----BEGIN (EC )?PRIVATE KEY-----' {{}} + | sed 's/^/key /'
for key in {PKI}/*/key.pem; do
  test -e $key || continue
  certificate-check >/dev/null 2>&1
  echo "checked $?"
  break
done
"""
"""Rows about the certificates of a host; the first word of each is its kind."""

Observation = dict[str, str]


def script(commands: Mapping[str, str]) -> str:
    """A shell script that runs each command in a shell of its own and says whose output it is."""
    return "\n".join(f"echo '{MARK}{name}'\n(\n{command}\n)" for name, command in commands.items())


def read(output: str) -> Observation:
    """Name to output of each command, from what the script printed."""
    parted = (block.partition("\n") for block in output.split(MARK)[1:])
    return {name: text for name, _, text in parted}


def hosts_of(items: Iterable[Any]) -> list[str]:
    """Names of the hosts that some test takes as a parameter, in order."""
    parameters = (
        value for item in items if hasattr(item, "callspec") for value in item.callspec.params.values()
    )
    return sorted({value.name for value in parameters if isinstance(value, Host)})


def gather(names: Iterable[str], observe: Callable[[str], Observation]) -> dict[str, Observation]:
    """What is seen on each host now. One that cannot be asked fails its own tests only."""

    def attempt(name: str) -> Observation:
        try:
            return observe(name)
        except Exception as error:
            return {UNREACHED: f"{name} cannot be asked: {error}"}

    known = list(names)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(known, pool.map(attempt, known), strict=True))


def once(file: Path, make: Callable[[], Any]) -> Any:
    """What `make` gives, made by the first process that asks and read from `file` by those that ask later."""
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            write_atomically(file, json.dumps(make()))
        return json.loads(file.read_text(encoding="utf-8"))
