"""The life of an instance and what it needs, driven by Pulumi's own command line against the lab's daemon.

Pulumi takes seconds for every command, so one stack serves all tests here; each says what it starts from.
"""

from __future__ import annotations

import json
import secrets

import pytest

# One worker for the whole file: its tests share a stack.
pytestmark = [pytest.mark.live, pytest.mark.xdist_group("incus")]

BASE = """
    provider = incus.Provider("lab", endpoint=SOCKET, project="{project}")
    opts = pulumi.ResourceOptions(provider=provider)
    network = incus.Network(
        "net", name="{bridge}", config={"ipv4.address": "none", "ipv6.address": "none"}, opts=opts
    )
    profile = incus.Profile(
        "base",
        name="base",
        devices=[incus.Device(name="root", type="disk", properties={"path": "/", "pool": "{pool}"})],
        opts=opts,
    )
    image = incus.Image(
        "image",
        source_file=incus.SourceFile(data_path="{data_path}", metadata_path="{metadata_path}"),
        aliases=["tiny"],
        opts=opts,
    )
"""
HOST = (
    BASE
    + """
    nics = {
        "wan": {"nictype": "bridged", "parent": network.name, "name": "wan"},
        "lan": {"nictype": "p2p", "name": "lan"},
        "dmz": {"nictype": "p2p", "name": "dmz"},
    }
    host = incus.Instance(
        "host",
        name="host",
        image=image.fingerprint,
        profiles=[profile.name],
        devices=[incus.Device(name=name, type="nic", properties=nics[name]) for name in {nics}],
        config={config},
        running={running},
        opts=opts,
    )
"""
)
DECLARED = {
    "nics": '["wan", "lan"]',
    "config": '{"user.role": "edge", "limits.processes": 200, "security.nesting": False}',
    "running": "True",
}


@pytest.fixture(scope="module")
def names(project, pool, bridge, bootable):
    """The values that the program `HOST` needs, as declared at first."""
    return {"project": project.project, "pool": pool, "bridge": bridge, **bootable, **DECLARED}


@pytest.fixture
def standing(stack, names):
    """The stack with a network, a profile, an image and a running instance, as declared at first."""
    stack.write(HOST, **names).up("--refresh")
    return stack


@pytest.fixture
def based(stack, names):
    """The stack without the instance."""
    stack.write(BASE, **names).up("--refresh")
    return stack


def host_of(project):
    return project.get(f"/1.0/instances/host?project={project.project}")


def network_of(project):
    return project.get(f"/1.0/instances/host/state?project={project.project}")["network"]


def test_what_is_declared_stands_and_a_second_look_changes_nothing(standing, project, bridge):
    host = host_of(project)
    assert host["status"] == "Running"
    assert host["profiles"] == ["base"]
    assert host["devices"]["wan"] == {
        "type": "nic",
        "nictype": "bridged",
        "parent": bridge,
        "name": "wan",
    }
    assert host["config"]["limits.processes"] == "200"
    assert host["config"]["security.nesting"] == "false"
    assert standing.run("preview", "--expect-no-changes").returncode == 0
    standing.assert_clean()


def test_an_instance_changes_live_and_stops_when_declared_so(standing, names, project):
    pid = project.get(f"/1.0/instances/host/state?project={project.project}")["pid"]
    changed = {**names, "nics": '["lan", "dmz"]', "config": '{"user.role": "core"}'}
    standing.write(HOST, **changed).up()
    host = host_of(project)
    assert set(host["devices"]) == {"lan", "dmz"}
    assert host["config"]["user.role"] == "core"
    assert "limits.processes" not in host["config"]
    assert project.get(f"/1.0/instances/host/state?project={project.project}")["pid"] == pid
    assert set(network_of(project)) == {"lo", "lan", "dmz"}
    standing.write(HOST, **{**changed, "running": "False"}).up()
    assert host_of(project)["status"] == "Stopped"
    standing.assert_clean()


def test_what_hands_changed_shows_as_drift_and_is_repaired(standing, project, bridge):
    project("config", "set", "host", "user.role=intruder")
    project("config", "set", "host", "user.stray=1")
    project("config", "unset", "host", "limits.processes")
    project("config", "device", "remove", "host", "wan")
    project("config", "device", "set", "host", "lan", "mtu=1400")
    project("config", "device", "add", "host", "tmp", "disk", "source=/tmp", "path=/mnt")
    project("network", "set", bridge, "user.stray-of-network=1")
    project("profile", "device", "set", "base", "root", "limits.read=1MB")
    project("image", "alias", "delete", "tiny")
    gate = standing.drift()
    assert gate.returncode == 7, gate.stdout + gate.stderr
    for shown in (
        '"intruder" => "edge"',
        "- user.stray ",
        '+ limits.processes: "200"',
        '"wan"',
        '"1400"',
        '"tmp"',
        "- user.stray-of-network:",
        "- limits.read:",
        '"tiny"',
    ):
        assert shown in gate.stdout, gate.stdout
    standing.up("--refresh")
    standing.assert_clean()
    assert set(network_of(project)) == {"lo", "wan", "lan"}


def test_an_instance_stopped_by_hand_shows_as_drift_and_is_started(standing, project):
    project("stop", "--force", "host")
    gate = standing.drift()
    assert gate.returncode == 7
    assert "running: false => true" in gate.stdout
    standing.up("--refresh")
    assert host_of(project)["status"] == "Running"


def test_what_a_hand_deleted_is_made_again(standing, project):
    project("delete", "--force", "host")
    gate = standing.drift()
    assert gate.returncode == 7
    assert "+ incus:index:Instance: (create)" in gate.stdout
    standing.up("--refresh")
    assert host_of(project)["status"] == "Running"


def test_another_image_replaces_the_instance(standing, names, project, tmp_path, tiny_image):
    before = host_of(project)["config"]["volatile.base_image"]
    standing.write(HOST, **{**names, **tiny_image(tmp_path, note="another")}).up()
    after = host_of(project)
    assert after["status"] == "Running"
    assert after["config"]["volatile.base_image"] != before
    images = json.loads(project("image", "list", "--format", "json"))
    assert [image["fingerprint"] for image in images] == [after["config"]["volatile.base_image"]]
    assert [alias["name"] for alias in images[0]["aliases"]] == ["tiny"]
    standing.assert_clean()


def test_an_instance_of_another_is_refused_until_it_is_imported(based, names, project):
    project("init", "tiny", "host", "--profile", "base", "--config", "user.role=edge")
    project("start", "host")
    refused = based.write(HOST, **names).run("up", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert f"import it with the id `{project.project}/host`" in refused.stdout
    assert "user.role" in host_of(project)["config"]
    imported = """
    host = incus.Instance(
        "host",
        name="host",
        image=image.fingerprint,
        profiles=[profile.name],
        config={"user.role": "edge"},
        opts=pulumi.ResourceOptions(provider=provider, import_="host"),
    )
    """
    out = based.write(BASE + imported, **names).up()
    assert "1 imported" in out
    assert based.resources()["host"]["id"] == f"{project.project}/host"
    based.assert_clean()


def test_an_instance_that_does_not_start_is_not_left_behind(based, names, project, unbootable):
    done = based.write(HOST, **{**names, **unbootable}).run("up", "--yes", "--skip-preview")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert f"cannot create the instance `{project.project}/host`: it did not start" in said
    assert 'Failed to exec "/sbin/init"' in said
    assert "the instance was deleted again" in said, said
    assert "Traceback" not in said
    assert json.loads(project("list", "--format", "json")) == []
    assert "host" not in based.resources()
    # The image before waits for its deletion and is wanted again: it must not go with its old resource.
    based.write(HOST, **names).up()
    assert host_of(project)["status"] == "Running"
    based.assert_clean()


def test_an_instance_that_never_gets_what_it_waits_for_is_not_left_behind(based, names, project):
    waiting = """
    host = incus.Instance(
        "host",
        name="host",
        image=image.fingerprint,
        profiles=[profile.name],
        wait_for=[incus.WaitFor(type="delay", delay="100ms"), incus.WaitFor(type="ipv4", nic="wan")],
        opts=pulumi.ResourceOptions(
            provider=provider, custom_timeouts=pulumi.CustomTimeouts(create="8s")
        ),
    )
    """
    done = based.write(BASE + waiting, **names).run("up", "--yes", "--skip-preview")
    assert done.returncode != 0
    assert "it started, but had no ipv4 on wan after 8 s; the instance was deleted again" in done.stdout, (
        done.stdout
    )
    assert json.loads(project("list", "--format", "json")) == []


def test_faults_are_told_all_at_once_before_anything_is_made(stack, names):
    program = """
    provider = incus.Provider("lab", endpoint=SOCKET, project="{project}")
    incus.Instance(
        "host",
        name="not a host",
        image="",
        devices=[
            incus.Device(name="a", type="nix", properties={"x": ["y"]}),
            incus.Device(name="a", type="nic"),
        ],
        wait_for=[incus.WaitFor(type="delay")],
        opts=pulumi.ResourceOptions(provider=provider),
    )
    """
    done = stack.write(program, **names).run("preview")
    assert done.returncode != 0
    for words in (
        "name: must be a host name",
        "image: is missing",
        "devices[0].type: must be one of",
        'devices[0].properties["x"]: must be a string, a number or a boolean, not a list',
        "devices[1].name: `a` is there already",
        "wait_for[0].delay: must be a time",
    ):
        assert words in done.stdout
    assert "Traceback" not in done.stdout


def test_secrets_stay_secret_through_refresh(standing, names, project):
    secret = secrets.token_hex(8)
    config = f'{{"user.password": pulumi.Output.secret("{secret}"), "user.role": "edge"}}'
    assert secret not in standing.write(HOST, **{**names, "config": config}).up("--diff")
    assert host_of(project)["config"]["user.password"] == secret
    project("config", "set", "host", "user.password=stolen-by-hand")
    gate = standing.drift()
    assert gate.returncode == 7
    refreshed = standing.run("refresh", "--yes", "--skip-preview", "--diff").stdout
    stored = json.dumps(standing.resources())
    for text in (gate.stdout, refreshed, stored):
        assert "stolen-by-hand" not in text
        assert secret not in text
    standing.up()
    assert host_of(project)["config"]["user.password"] == secret
    standing.assert_clean()
