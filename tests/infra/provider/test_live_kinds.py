"""The other kinds of resources, and the way over HTTPS, against the lab's daemon."""

from __future__ import annotations

import json
import secrets
import socket

import pytest

# One worker for the whole file: its tests share a stack.
pytestmark = [pytest.mark.live, pytest.mark.xdist_group("incus")]

ALL = """
    local = incus.Provider("local", endpoint=SOCKET)
    opts = pulumi.ResourceOptions(provider=local)
    project = incus.Project(
        "project",
        name="{name}",
        description={description},
        config={"features.images": True, "features.networks": False},
        opts=opts,
    )
    acl = incus.NetworkAcl(
        "acl",
        name="{name}",
        ingress=[
            incus.AclRule(action="allow", source="10.6.16.0/20", protocol="tcp", destination_port="443"),
            incus.AclRule(action="drop", state="logged"),
        ],
        config={"user.zone": "kikan"},
        opts=opts,
    )
    profile = incus.Profile(
        "profile",
        name="default",
        project=project.name,
        description={description},
        devices=[incus.Device(name="root", type="disk", properties={"path": "/", "pool": "{pool}"})],
        opts=opts,
    )
    pool = incus.StoragePool("pool", name="{name}", driver="dir", description={description}, opts=opts)
    volume = incus.StorageVolume(
        "volume",
        name="data",
        pool=pool.name,
        project=project.name,
        config={"user.tier": 1},
        opts=pulumi.ResourceOptions(provider=local, depends_on=[profile]),
    )
    certificate = incus.Certificate(
        "certificate",
        name="{name}",
        certificate=open("{certificate}").read(),
        restricted=True,
        projects=[project.name],
        opts=opts,
    )
"""


@pytest.fixture(scope="module")
def client(daemon, tmp_path_factory):
    """A client's certificate and key, made by Incus' own command line."""
    home = tmp_path_factory.mktemp("client")
    type(daemon)(home)("remote", "generate-certificate")
    return {"certificate": str(home / "client.crt"), "key": str(home / "client.key")}


@pytest.fixture(scope="module")
def names(pool, client):
    return {
        "name": f"pt{secrets.token_hex(3)}",
        "pool": pool,
        "description": '"first"',
        **client,
    }


@pytest.fixture
def standing(stack, names):
    stack.write(ALL, **names).up("--refresh")
    return stack


def test_each_kind_stands_changes_in_place_and_shows_no_drift(standing, names, daemon):
    standing.assert_clean()
    changed = {**names, "description": "None"}
    out = standing.write(ALL.replace("destination_port", "source_port"), **changed).up()
    assert "~ 4 updated" in out
    name = names["name"]
    assert daemon.get(f"/1.0/projects/{name}")["description"] == ""
    rule = daemon.get(f"/1.0/network-acls/{name}")["ingress"][0]
    assert rule["source_port"] == "443"
    assert "destination_port" not in rule
    standing.assert_clean()


def test_each_kind_shows_what_hands_changed_and_is_repaired(standing, names, daemon):
    name = names["name"]
    daemon("project", "set", name, "user.stray-project=1")
    daemon("network", "acl", "set", name, "user.zone=joho")
    daemon("network", "acl", "rule", "remove", name, "ingress", "action=drop")
    daemon("profile", "device", "remove", "default", "root", "--project", name)
    daemon("storage", "set", name, "rsync.bwlimit=1MB")
    daemon("storage", "volume", "set", name, "data", "user.tier=2", "--project", name)
    document = daemon.get("/1.0/certificates?recursion=1")
    fingerprint = next(entry["fingerprint"] for entry in document if entry["name"] == name)
    daemon("query", "-X", "PATCH", f"/1.0/certificates/{fingerprint}", "-d", '{"projects": ["default"]}')
    gate = standing.drift()
    assert gate.returncode == 7
    for shown in (
        "user.stray-project",
        "joho",
        '"drop"',
        '"root"',
        "rsync.bwlimit",
        "user.tier",
        '"default"',
    ):
        assert shown in gate.stdout, gate.stdout
    standing.up("--refresh")
    standing.assert_clean()
    assert daemon.get(f"/1.0/certificates/{fingerprint}")["projects"] == [name]


def test_a_driver_that_changes_replaces_the_pool_and_what_is_in_it(standing, names, daemon):
    program = ALL.replace('driver="dir"', 'driver="btrfs", config={"size": "120MiB"}')
    out = standing.write(program, **names).up("--diff")
    assert "+-incus:index:StoragePool: (replace)" in out
    assert daemon.get(f"/1.0/storage-pools/{names['name']}")["driver"] == "btrfs"
    assert daemon.get(f"/1.0/storage-pools/{names['name']}/volumes/custom/data?project={names['name']}")
    standing.assert_clean()


def test_an_image_that_is_there_is_adopted_and_stays(standing, names, daemon, tiny_image, tmp_path):
    files = tiny_image(tmp_path, with_init=False, note=names["name"])
    there = type(daemon)(daemon.home, names["name"])
    there("image", "import", files["metadata_path"], files["data_path"], "--alias", "theirs")
    image = """
    incus.Image(
        "image",
        source_file=incus.SourceFile(data_path="{data_path}", metadata_path="{metadata_path}"),
        aliases=["ours"],
        project=project.name,
        opts=pulumi.ResourceOptions(provider=local, depends_on=[profile]),
    )
    """
    standing.write(ALL + image, **names, **files).up()
    assert standing.resources()["image"]["outputs"]["adopted"] is True
    standing.assert_clean()
    standing.write(ALL, **names).up()
    (left,) = json.loads(there("image", "list", "--format", "json"))
    assert [alias["name"] for alias in left["aliases"]] == ["theirs"]
    assert not [key for key in left["properties"] if key.startswith("omi.")]
    there("image", "delete", "theirs")


@pytest.fixture
def listening(daemon):
    """An HTTPS address of the daemon, inside its own network namespace, for as long as a test."""
    before = daemon("config", "get", "core.https_address").strip()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    daemon("config", "set", "core.https_address", address)
    yield f"https://{address}"
    daemon("config", "set", "core.https_address", before)


REMOTE = """
    remote = incus.Provider(
        "remote",
        endpoint="{url}",
        client_certificate="{certificate}",
        client_key=open("{key}").read(),
        server_certificate={pin},
        project="{name}",
        opts=pulumi.ResourceOptions(depends_on=[certificate, profile]),
    )
    there = pulumi.ResourceOptions(provider=remote)
    incus.Profile("far", name="far", config={"user.by": "https"}, opts=there)
"""


def test_a_remote_is_reached_over_https_with_a_client_certificate(
    standing, names, daemon, listening, tmp_path
):
    standing.prefix = ["nsenter", f"--net=/proc/{daemon.process}/ns/net"]
    values = {**names, "url": listening, "pin": repr(daemon.get("/1.0")["environment"]["certificate"])}

    another = {**values, "pin": f'open("{names["certificate"]}").read()'}
    refused = standing.write(ALL + REMOTE, **another).run("up", "--yes", "--skip-preview")
    assert refused.returncode != 0
    assert "CERTIFICATE_VERIFY_FAILED" in refused.stdout

    type(daemon)(tmp_path)("remote", "generate-certificate")
    stranger = {"certificate": str(tmp_path / "client.crt"), "key": str(tmp_path / "client.key")}
    far = REMOTE.replace("{certificate}", stranger["certificate"]).replace("{key}", stranger["key"])
    untrusted = standing.write(ALL + far, **values).run("up", "--yes", "--skip-preview")
    assert untrusted.returncode != 0
    assert "does Incus trust this client certificate?" in untrusted.stdout
    assert "Traceback" not in refused.stdout + untrusted.stdout

    standing.write(ALL + REMOTE, **values).up()
    made = daemon.get(f"/1.0/profiles/far?project={names['name']}")
    assert made["config"] == {"user.by": "https"}
    standing.assert_clean()
    daemon("profile", "set", "far", "user.by=hand", "--project", names["name"])
    assert standing.drift().returncode == 7
    assert "PRIVATE KEY" not in json.dumps(standing.resources())
    standing.write(ALL, **values).up()
