"""The stack's configuration in the repository stays free of what belongs to one machine."""

from __future__ import annotations

from pathlib import Path

from lab.pulumi_state import config_file, forget_salt, without_salt

CONFIG = "config:\n  omi:images: images\n"


def test_the_salt_is_taken_out_and_nothing_else() -> None:
    assert without_salt(CONFIG + "encryptionsalt: v1:abc=:v1:def==\n") == CONFIG
    assert without_salt("encryptionsalt: v1:abc\n" + CONFIG) == CONFIG


def test_a_configuration_without_one_stays_as_it_is(tmp_path: Path) -> None:
    config_file(tmp_path).write_text(CONFIG)
    before = config_file(tmp_path).stat().st_mtime_ns
    forget_salt(tmp_path)
    assert config_file(tmp_path).read_text() == CONFIG
    assert config_file(tmp_path).stat().st_mtime_ns == before
