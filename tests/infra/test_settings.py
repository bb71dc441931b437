"""What a stack's configuration may say, and what is said back when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pytest

from infra import settings
from infra.cluster import built_images, clusters
from infra.settings import ROOT, Settings

GOOD = {
    "clusters": {"default": {"endpoint": "/run/incus/unix.socket"}},
    "images": "images",
    "authorized_keys": "/keys/operator.pub",
}


def test_paths_count_from_the_repository() -> None:
    stack = settings.parse(GOOD)
    assert stack.images == ROOT / "images"
    assert stack.authorized_keys == Path("/keys/operator.pub")


def test_another_declaration_is_named_by_the_configuration_or_else_by_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = {key: value for key, value in GOOD.items() if isinstance(value, str)}
    configured: dict[str, str] = dict(values)
    monkeypatch.setattr(pulumi.Config, "get", lambda _, key: configured.get(key))
    monkeypatch.setattr(
        pulumi.Config, "get_object", lambda _, key: GOOD["clusters"] if key == "clusters" else None
    )
    monkeypatch.delenv("OMI_INVENTORY", raising=False)
    assert settings.read().inventory is None
    monkeypatch.setenv("OMI_INVENTORY", "tests/data/small")
    assert settings.read().inventory == ROOT / "tests" / "data" / "small"
    configured["inventory"] = "/srv/council"
    assert settings.read().inventory == Path("/srv/council")


def test_a_site_runs_on_its_own_cluster_or_on_the_default() -> None:
    own = GOOD | {"clusters": {"dc": {"endpoint": "https://dc.example"}, "default": {"endpoint": "/s"}}}
    stack = settings.parse(own)
    assert (stack.cluster("dc"), stack.cluster("konan")) == ("dc", "default")


def test_every_mistake_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    wrong = {
        "clusters": {"dc": {"endpoint": "${NOT_SET}/socket", "speed": 1}},
        "authorized_keys": "key.pub",
    }
    with pytest.raises(pulumi.RunError) as refused:
        settings.parse(wrong)
    text = str(refused.value)
    for part in ("NOT_SET", "clusters.dc.speed", "omi:images"):
        assert part in text


def test_sites_without_a_cluster_are_all_named() -> None:
    stack = Settings.model_validate({**GOOD, "clusters": {"dc": {"endpoint": "/s"}}})
    with pytest.raises(pulumi.RunError) as refused:
        clusters(stack, ["dc", "bc", "konan"])
    assert "'bc'" in str(refused.value)
    assert "'konan'" in str(refused.value)


def test_missing_images_say_the_command_that_builds_them(tmp_path: Path) -> None:
    with pytest.raises(pulumi.RunError, match="omi lab up"):
        built_images(tmp_path)
