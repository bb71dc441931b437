"""What the live tests of the provider stand on: the daemon, a throw-away project, real Pulumi stacks."""

from __future__ import annotations

import contextlib
import io
import json
import os
import secrets
import shutil
import socket
import struct
import subprocess
import sys
import tarfile
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
LAB = Path(os.environ.get("OMI_LAB_DIR", "/var/lib/omi-lab"))
SOCKET = LAB / "incus" / "unix.socket"

_PROJECT_YAML = f"""
name: provider-test
runtime: python
plugins:
  providers:
    - name: incus
      path: {ROOT / "infra" / "provider"}
"""

_INIT = """#!/bin/sh
trap 'exit 0' PWR TERM
ip link set lo up
while :; do sleep 3600 & wait $!; done
"""


@dataclass
class Daemon:
    """The lab's Incus, by its own command-line client and raw requests: the hand that makes drift."""

    home: Path
    project: str = "default"

    def __call__(self, *arguments: str, check: bool = True) -> str:
        """Run `incus` in the project; gives what it printed."""
        command = ["incus", *arguments]
        env = {
            **os.environ,
            "INCUS_SOCKET": str(SOCKET),
            "INCUS_CONF": str(self.home),
            "INCUS_PROJECT": self.project,
        }
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
        assert not check or done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        return done.stdout

    @property
    def process(self) -> int:
        """The daemon's process id as this side of its process namespace knows it: the kernel tells a client."""
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(SOCKET))
            credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", credentials)[0])

    def get(self, path: str) -> Any:
        """The document at a path, such as `/1.0/networks/x`."""
        return json.loads(self("query", path))


@dataclass
class Stack:
    """A Pulumi program in a directory of its own, with a state of its own, run by the real command line."""

    directory: Path
    prefix: list[str] = field(default_factory=list)

    def write(self, program: str, **config: str) -> Stack:
        """Make `program` the one to run; `{name}` in it is replaced by the value of `name`."""
        text = textwrap.dedent(program)
        for key, value in config.items():
            text = text.replace("{" + key + "}", value)
        header = f'import pulumi\nfrom infra import incus\nSOCKET = "{SOCKET}"\n'
        (self.directory / "__main__.py").write_text(header + text)
        return self

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `pulumi`, whatever comes of it."""
        command = [*self.prefix, "pulumi", *arguments, "--non-interactive", "--color=never"]
        return subprocess.run(
            command, cwd=self.directory, env=self._env(), capture_output=True, text=True, timeout=300
        )

    def up(self, *arguments: str) -> str:
        """`pulumi up`, which must work; gives what it printed."""
        done = self.run("up", "--yes", "--skip-preview", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def drift(self) -> subprocess.CompletedProcess[str]:
        """The drift gate: exit status 0 if nothing differs, 7 if something does."""
        return self.run("preview", "--refresh", "--diff", "--expect-no-changes")

    def assert_clean(self) -> None:
        """The drift gate finds nothing."""
        done = self.drift()
        assert done.returncode == 0, done.stdout + done.stderr

    def resources(self) -> dict[str, Any]:
        """The resources of the state by their Pulumi name, secrets encrypted."""
        state = json.loads(self.run("stack", "export").stdout)["deployment"]
        return {item["urn"].split("::")[-1]: item for item in state.get("resources", [])}

    def _env(self) -> dict[str, str]:
        path = [str(Path(sys.executable).parent), os.environ["PATH"], str(LAB / "pulumi" / "bin")]
        # A shell made ready for the lab (`. .lab/env`) names the lab's stack and secrets: they are none of ours.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
        return {
            **inherited,
            "PATH": os.pathsep.join(path),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "PULUMI_HOME": str(self.directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.directory / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "only for this test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Daemon:
    """The lab's daemon, in its default project."""
    return Daemon(tmp_path_factory.mktemp("incus-client"))


@pytest.fixture(scope="session")
def pool(daemon: Daemon) -> str:
    """A storage pool of the lab."""
    pools = json.loads(daemon("storage", "list", "--format", "json"))
    assert pools, "the lab has no storage pool"
    return str(pools[0]["name"])


@pytest.fixture(scope="module")
def project(daemon: Daemon) -> Iterator[Daemon]:
    """A throw-away project, with images of its own, that is emptied and taken away whatever the test left."""
    name = f"provider-test-{secrets.token_hex(3)}"
    daemon("project", "create", name, "--config", "features.networks=false")
    here = Daemon(daemon.home, name)
    yield here
    for instance in json.loads(here("list", "--format", "json")):
        here("delete", "--force", instance["name"])
    for image in json.loads(here("image", "list", "--format", "json")):
        here("image", "delete", image["fingerprint"])
    for profile in json.loads(here("profile", "list", "--format", "json")):
        if profile["name"] != "default":
            here("profile", "delete", profile["name"])
    daemon("project", "delete", name)


@pytest.fixture(scope="module")
def bridge(daemon: Daemon) -> Iterator[str]:
    """The name of a network that is not there, and is not there afterwards."""
    name = f"pt{secrets.token_hex(3)}"
    yield name
    daemon("network", "delete", name, check=False)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, project: Daemon, bridge: str) -> Iterator[Stack]:
    """A stack, destroyed at the end, before the project and the network are taken away."""
    del project, bridge
    directory = tmp_path_factory.mktemp("stack")
    stack = Stack(directory)
    (directory / "state").mkdir()
    (directory / "Pulumi.yaml").write_text(_PROJECT_YAML)
    done = stack.run("stack", "init", "test")
    assert done.returncode == 0, done.stderr
    yield stack
    stack.run("cancel", "--yes")  # a command that was killed leaves its lock
    done = stack.run("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout + done.stderr


Image = Callable[..., dict[str, str]]


@pytest.fixture(scope="session")
def tiny_image() -> Image:
    """Makes the files of a very small image in a directory: `note` makes its content differ from others."""
    return _image


@pytest.fixture(scope="session")
def bootable(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of a very small image that starts in no time: a shell that waits, and what it needs."""
    return _image(tmp_path_factory.mktemp("bootable"))


@pytest.fixture(scope="session")
def unbootable(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of an image that Incus takes, but that has nothing to start."""
    return _image(tmp_path_factory.mktemp("unbootable"), with_init=False)


def _image(directory: Path, *, with_init: bool = True, note: str = "") -> dict[str, str]:
    root = directory / "root"
    for name in ("dev", "proc", "sys", "etc", "run", "sbin", "mnt"):
        (root / name).mkdir(parents=True)
    (root / "etc" / "note").write_text(note)
    if with_init:
        for program, place in (("sh", "bin/sh"), ("sleep", "bin/sleep"), ("ip", "sbin/ip")):
            _install(program, root, place)
        (root / "sbin" / "init").write_text(_INIT)
        (root / "sbin" / "init").chmod(0o755)
    data, metadata = directory / "root.squashfs", directory / "meta.tar"
    subprocess.run(["mksquashfs", root, data, "-quiet", "-no-progress", "-all-root"], check=True)
    _write_metadata(metadata)
    return {"data_path": str(data), "metadata_path": str(metadata)}


def _install(program: str, root: Path, place: str) -> None:
    """Copy a program of this machine with the libraries it is linked with."""
    binary = shutil.which(program)
    assert binary
    target = root / place
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(binary, target)
    listed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    for word in listed.split():
        if word.startswith("/"):
            library = root / word[1:]
            library.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(word, library)


def _write_metadata(path: Path) -> None:
    fields = {"architecture": os.uname().machine, "creation_date": int(time.time())}
    content = json.dumps(fields).encode()  # JSON is YAML
    with tarfile.open(path, "w") as archive, contextlib.closing(io.BytesIO(content)) as stream:
        info = tarfile.TarInfo("metadata.yaml")
        info.size = len(content)
        archive.addfile(info, stream)
