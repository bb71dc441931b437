"""images.yaml: read strictly, known by its digest, turned into what Incus reads."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from lab.errors import LabError
from lab.image_build import apply_layer, write_metadata
from lab.image_spec import ImageSpec, Layer, Template, load

SMALL = """\
release: bookworm
base:
  packages: [systemd, openssh-server]
  files: {/etc/resolv.conf: "", /etc/motd: base}
kinds:
  router:
    description: A router
    packages: [bird2, systemd]
    files: {/etc/motd: router}
"""


def _load(tmp_path: Path, text: str) -> dict[str, ImageSpec]:
    file = tmp_path / "images.yaml"
    file.write_text(text)
    return load(file)


def test_a_kind_adds_to_the_base_and_its_own_file_stands(tmp_path: Path) -> None:
    router = _load(tmp_path, SMALL)["router"]
    assert router.layer.packages == ["bird2", "openssh-server", "systemd"]
    assert router.layer.files == {"/etc/resolv.conf": "", "/etc/motd": "router"}


def test_the_digest_follows_the_content_and_not_the_order(tmp_path: Path) -> None:
    digest = _load(tmp_path, SMALL)["router"].digest
    assert _load(tmp_path, SMALL.replace("[bird2, systemd]", "[systemd, bird2]"))["router"].digest == digest
    changed = [("bird2, systemd", "bird2, frr"), ("motd: base", "issue: base"), ("bookworm", "trixie")]
    digests = {_load(tmp_path, SMALL.replace(old, new))["router"].digest for old, new in changed}
    assert len(digests | {digest}) == 4


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = SMALL.replace("packages: [bird2, systemd]", "packages: [Bird2]\n    colour: red")
    text = text.replace("/etc/resolv.conf", "/etc/../../passwd").replace("release: bookworm", "release: 12")
    with pytest.raises(LabError) as caught:
        _load(tmp_path, text)
    for place in ("release", "base.files", "kinds.router.packages.0", "kinds.router.colour"):
        assert place in caught.value.message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "the whole file"),
        ("release: [", "images.yaml"),
        (SMALL + "kinds: {}\n", "duplicate key"),
        (SMALL.replace("kinds:\n", "kinds: {}\nrest:\n"), "kinds"),
    ],
)
def test_what_is_no_definition_is_refused(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(LabError, match=place):
        _load(tmp_path, text)


def test_the_lab_s_own_images_are_as_the_plan_needs_them() -> None:
    specs = load()
    assert {"router", "terminal"} <= set(specs)
    for spec in specs.values():
        assert spec.layer.files["/etc/resolv.conf"] == "", "a resolver that does not answer costs 5 s a time"
        assert "PasswordAuthentication no" in spec.layer.files["/etc/ssh/sshd_config.d/10-keys-only.conf"]
        assert "/etc/ssh/ssh_host_*" in spec.layer.remove, "no two hosts may share a key"
        assert spec.layer.templates["/root/.ssh/authorized_keys"].mode == "0600"


def test_the_metadata_holds_each_template_for_create_and_start(tmp_path: Path) -> None:
    layer = Layer(templates={"/etc/hostname": Template(content="{{ instance.name }}\n")})
    spec = ImageSpec(kind="router", release="bookworm", description="A router", layer=layer)
    write_metadata(spec, "x86_64", 1_700_000_000, tmp_path / "metadata.tar.xz")
    with tarfile.open(tmp_path / "metadata.tar.xz") as archive:
        members = {member.name: archive.extractfile(member) for member in archive}
        texts = {name: file.read().decode() for name, file in members.items() if file}
    document = YAML(typ="safe").load(texts["metadata.yaml"])
    assert document["architecture"] == "x86_64"
    assert document["creation_date"] == 1_700_000_000
    assert document["properties"]["omi.digest"] == spec.digest
    entry = document["templates"]["/etc/hostname"]
    assert entry == {"when": ["create", "start"], "template": "etc-hostname.tpl", "mode": "0644"}
    assert texts["templates/etc-hostname.tpl"] == "{{ instance.name }}\n"


def test_a_declared_file_never_leads_out_of_the_tree(tmp_path: Path) -> None:
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    (tree / "etc").mkdir(parents=True)
    outside.write_text("untouched")
    (tree / "etc" / "resolv.conf").symlink_to(outside)
    layer = Layer(files={"/etc/resolv.conf": "", "/etc/a/b": "new"}, remove=["/etc/gone*"])
    (tree / "etc" / "gone-1").mkdir()
    apply_layer(ImageSpec(kind="x", release="bookworm", description="x", layer=layer), tree)
    assert outside.read_text() == "untouched"
    assert (tree / "etc" / "resolv.conf").read_text() == ""
    assert (tree / "etc" / "a" / "b").read_text() == "new"
    assert not (tree / "etc" / "gone-1").exists()
