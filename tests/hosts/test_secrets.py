"""No secret lies in clear where it does not belong: repository, Pulumi's state, logs, journals, command lines.

Looked for are the secrets themselves, as the vault holds them or as they follow from it, not what looks like one.
"""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from lab.environment import process_environment
from lab.paths import LabPaths
from tests.ansible.conftest import module_at
from tests.hosts.conftest import ROOT, SSH_CONFIG

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("secrets")]

LOOKED_UP = re.compile(r"""(?:lookup|query)\(\s*['"]secret['"]\s*,\s*(['"])(?P<name>[^'"{~]+)\1\s*\)""")
"""A secret that a role asks for by a fixed name."""
SHORTEST = 20
"""Characters of what is looked for: anything shorter would be found by chance."""


@pytest.fixture(scope="module")
def paths():
    return LabPaths.from_environment()


@pytest.fixture(scope="module")
def vault(paths):
    """What the vault holds, in clear."""
    program = Path(sys.prefix) / "bin" / "ansible-vault"
    command = [program, "view", "--vault-password-file", paths.vault_password, paths.vault]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    return YAML(typ="safe").load(shown.stdout)


def named_secrets(topology):
    """Names of passwords: those of the cities' databases, and those that roles ask for by a fixed name."""
    groups = ("resident_records", "tax", "social_security", "other")
    yield from (f"database/{city.name}_{group}" for city in topology.cities for group in groups)
    for file in (ROOT / "ansible").rglob("*.yml"):
        for found in LOOKED_UP.finditer(file.read_text()):
            if not found["name"].startswith("vault:"):
                yield found["name"]


@pytest.fixture(scope="module")
def secrets(topology, vault, paths):
    """Every text that must not be found: to what it is."""
    derived = module_at(ROOT / "ansible" / "lookup_plugins" / "secret.py", "secret_lookup").derived
    known = {derived(vault["master"], name): name for name in named_secrets(topology)}
    known |= {vault["master"]: "the master word", paths.vault_password.read_text().strip(): "its password"}
    known |= {paths.passphrase.read_text().strip(): "the passphrase of Pulumi's state"}
    keys = {"the authority's key": vault["authority_key"], "the operator's key": paths.ssh_key.read_text()}
    for what, key in keys.items():
        known |= {line: what for line in key.splitlines()[1:-1] if len(line) >= SHORTEST}
    assert all(len(text) >= SHORTEST for text in known)
    return known


def leaks(secrets, text):
    """What of the secrets is in ``text``."""
    return sorted({what for secret, what in secrets.items() if secret in text})


def leaking_files(secrets, files):
    """File to what is in it."""
    found = {str(file): leaks(secrets, file.read_bytes().decode("utf-8", "replace")) for file in files}
    return {file: what for file, what in found.items() if what}


def test_the_scan_finds_what_is_there(secrets, tmp_path):
    """The other side of the tests below: a secret that lies there is found."""
    secret = next(iter(secrets))
    (tmp_path / "log").write_text(f"password={secret}\n")
    assert leaking_files(secrets, [tmp_path / "log"])


def test_the_repository_holds_none(secrets):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    assert leaking_files(secrets, files) == {}


def test_pulumis_state_holds_none(secrets, paths):
    files = [file for file in paths.state.rglob("*") if file.is_file() and file != paths.passphrase]
    assert [file for file in files if file.suffix == ".json"]
    assert leaking_files(secrets, files) == {}


def test_logs_hold_none(secrets, paths):
    files = [*(ROOT / ".lab").rglob("*.log"), *paths.logs.rglob("*"), *(paths.incus / "logs").rglob("*.log")]
    files = [file for file in files if file.is_file()]
    assert files
    assert leaking_files(secrets, files) == {}


def test_no_command_line_shows_one(secrets):
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(process.read_bytes().decode("utf-8", "replace"))
        except OSError:
            continue  # ended while we looked
    assert leaks(secrets, "\n".join(lines)) == []


def test_no_hosts_journal_shows_one(secrets, topology):
    """The journal comes here and is searched here: the secrets themselves go nowhere."""
    hosts = [host.name for host in topology.hosts() if host.platform == "incus"]

    def shown(name):
        command = ["ssh", "-F", str(SSH_CONFIG), name, "journalctl --no-pager --output=cat --lines=20000"]
        done = subprocess.run(
            command, capture_output=True, env=process_environment(LabPaths.from_environment()), check=True
        )
        return leaks(secrets, done.stdout.decode("utf-8", "replace"))

    with ThreadPoolExecutor(6) as pool:
        found = dict(zip(hosts, pool.map(shown, hosts), strict=True))
    assert {name: what for name, what in found.items() if what} == {}
