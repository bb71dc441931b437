"""What a shell and ssh need to know to work with the lab: `.lab/env` and `.lab/ssh_config` of a checkout."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from lab import identity, pulumi_tool
from lab.errors import LabError
from lab.files import has_content, write_atomically
from lab.paths import LabPaths

DIRECTORY = ".lab"
INVENTORY = "OMI_INVENTORY"
"""Names the folder of another declaration than the repository's, to `omi`, pulumi, Ansible and the tests alike."""
KNOWN_HOST = Path(__file__).with_name("known_host.py")
HOST = re.compile(r"^[a-z0-9][a-z0-9-]*$")
ADDRESS = re.compile(r"^[0-9]{1,3}(\.[0-9]{1,3}){3}$")


def variables(paths: LabPaths) -> dict[str, str]:
    """The environment variables of the lab, PATH apart."""
    folder = identity.folder(paths)
    return {
        "OMI_LAB_DIR": str(paths.root),
        "INCUS_DIR": str(paths.incus),
        "INCUS_CONF": str(paths.incus_client),
        "PULUMI_HOME": str(paths.pulumi / "home"),
        "PULUMI_BACKEND_URL": f"file://{paths.state}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(paths.passphrase),
        # The salt of the passphrase is in the state, not in the repository's Pulumi.lab.yaml.
        "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
        "PULUMI_STACK": "lab",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "OMI_VAULT": str(paths.vault),
        "ANSIBLE_VAULT_PASSWORD_FILE": str(paths.vault_password),
        **({INVENTORY: str(folder)} if folder else {}),
    }


def program_directories(paths: LabPaths) -> list[Path]:
    """What goes first on PATH: the virtual environment, then the lab's pulumi unless the user has one."""
    environment = Path(sys.prefix) / "bin"
    return [environment] if pulumi_tool.users_own(paths) else [environment, paths.pulumi_bin]


def process_environment(paths: LabPaths, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment for pulumi, ansible-playbook and so on: `base` (by default this one) and the lab's."""
    inherited = dict(os.environ if base is None else base)
    inherited.pop(INVENTORY, None)  # a shell may still have another lab's
    first = [str(directory) for directory in program_directories(paths)]
    rest = [entry for entry in inherited.get("PATH", os.defpath).split(os.pathsep) if entry not in first]
    return {**inherited, **variables(paths), "PATH": os.pathsep.join([*first, *rest])}


def render_env(lab: Mapping[str, str], directories: Iterable[Path]) -> str:
    """`.lab/env` for any POSIX shell; to source it twice changes nothing."""
    lines = ["# Made by `omi lab up`. In a shell: . .lab/env, then plain `pulumi up`, `incus list`, ..."]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in lab.items()]
    if INVENTORY not in lab:
        lines.append(f"unset {INVENTORY}")
    for directory in reversed([str(directory) for directory in directories]):
        quoted = shlex.quote(directory)
        lines.append(f'case ":$PATH:" in *:{quoted}:*) ;; *) PATH={quoted}:"$PATH" ;; esac')
    return "\n".join([*lines, "export PATH"]) + "\n"


def render_ssh_config(paths: LabPaths, hosts: Iterable[tuple[str, str]], python: str) -> str:
    """`.lab/ssh_config`: a line per (name, management address), then how every one of them is reached.

    A host makes its key at its first boot and a new one when it is made anew, so no file of known keys can
    stay right. ssh asks the daemon for the key instead (known_host.py): that answer comes from the host's
    own disk, not over the wire, and a host that answers with another key is refused.

    Raises LabError for a name or an address that ssh would read as something else.
    """
    blocks = ["# Made by `omi lab up`. ssh -F .lab/ssh_config HOST; Ansible and testinfra use it as well."]
    for name, address in hosts:
        if not HOST.match(name) or not ADDRESS.match(address):
            raise LabError(f"{name!r} at {address!r} is no host", "give a host name and an IPv4 address")
        blocks.append(f"Host {name}\n  HostName {address}\n  HostKeyAlias {name}")
    known_host = " ".join(
        _quote(word) for word in (python, "-I", str(KNOWN_HOST), str(paths.incus_socket), "%H")
    )
    common = {
        "User": "root",
        "IdentityFile": _quote(str(paths.ssh_key)),
        "IdentitiesOnly": "yes",
        "PreferredAuthentications": "publickey",
        "ProxyCommand": f"nsenter --net={shlex.quote(str(paths.netns_file))} nc %h %p",
        "ControlMaster": "auto",
        "ControlPath": _quote(f"{paths.ssh_control}/%C"),
        "ControlPersist": "120",
        "ConnectTimeout": "10",
        # A connection that is kept open must not outlive the host it leads to.
        "ServerAliveInterval": "5",
        "ServerAliveCountMax": "2",
        "HostKeyAlgorithms": "ssh-ed25519",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": "/dev/null",
        "GlobalKnownHostsFile": "/dev/null",
        "KnownHostsCommand": known_host,
        "UpdateHostKeys": "no",
        "LogLevel": "ERROR",
    }
    blocks.append("Host *\n" + "\n".join(f"  {name} {value}" for name, value in common.items()))
    return "\n\n".join(blocks) + "\n"


def rendered(paths: LabPaths, hosts: Iterable[tuple[str, str]], checkout: Path) -> dict[Path, str]:
    """The generated files of a checkout, by path."""
    python = str(Path(sys.prefix) / "bin" / "python")
    return {
        checkout / DIRECTORY / "env": render_env(variables(paths), program_directories(paths)),
        checkout / DIRECTORY / "ssh_config": render_ssh_config(paths, hosts, python),
    }


def is_ready(paths: LabPaths, hosts: Iterable[tuple[str, str]], checkout: Path) -> bool:
    """Whether the generated files are there and as they should be."""
    files = rendered(paths, hosts, checkout)
    return paths.ssh_control.is_dir() and all(has_content(file, content) for file, content in files.items())


def write(paths: LabPaths, hosts: Iterable[tuple[str, str]], checkout: Path) -> None:
    """Write the generated files into the checkout's `.lab`."""
    paths.ssh_control.mkdir(parents=True, exist_ok=True)
    paths.ssh_control.chmod(0o700)
    for file, content in rendered(paths, hosts, checkout).items():
        write_atomically(file, content)


def _quote(word: str) -> str:
    """A word of an ssh_config file, which knows double quotes only."""
    return f'"{word}"' if re.search(r"\s", word) else word
