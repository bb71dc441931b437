"""What the lab reads from apt's sources, in both of apt's formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.apt_sources import Source, deb822, debian_archive, parse_deb822, parse_one_line, read

MIRROR, SECURITY, OTHER = (
    "http://mirror.test/debian",
    "http://security.test/debian",
    "https://packages.other.test",
)
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

DEB822 = f"""\
# the archive itself
Types: deb deb-src
URIs: {MIRROR}/
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: {KEYRING}

Types: deb
URIs: {SECURITY}
Suites: bookworm-security
Components: main
"""


def test_a_deb822_stanza_gives_a_source_for_each_suite() -> None:
    main, updates, security = parse_deb822(DEB822)
    assert main == Source(MIRROR, "bookworm", ("main", "contrib"), KEYRING)
    assert updates.suite == "bookworm-updates"
    assert security == Source(SECURITY, "bookworm-security", ("main",))


@pytest.mark.parametrize("field", ["Enabled: no", "Types: deb-src"])
def test_a_stanza_that_gives_no_packages_is_left_out(field: str) -> None:
    base = "" if field.startswith("Types") else "Types: deb\n"
    assert parse_deb822(f"{base}{field}\nURIs: {MIRROR}\nSuites: bookworm\nComponents: main\n") == []


def test_a_key_inside_a_stanza_is_not_taken_for_a_path() -> None:
    stanza = (
        f"Types: deb\nURIs: {MIRROR}\nSuites: s\nComponents: main\nSigned-By:\n -----BEGIN PGP\n .\n abc\n"
    )
    assert parse_deb822(stanza) == [Source(MIRROR, "s", ("main",))]


def test_the_old_format_is_read_with_its_options_and_without_its_comments() -> None:
    text = f"""\
# deb {OTHER} no main
deb-src {MIRROR} bookworm main
deb [arch=amd64 signed-by={KEYRING}] {MIRROR} bookworm main non-free # ours
deb   {SECURITY}/   bookworm-security   main
deb
"""
    assert parse_one_line(text) == [
        Source(MIRROR, "bookworm", ("main", "non-free"), KEYRING),
        Source(SECURITY, "bookworm-security", ("main",)),
    ]


def test_both_formats_are_read_from_a_directory_and_other_files_are_not(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text(f"deb {OTHER} stable main\n")
    (parts / "debian.sources").write_text(DEB822)
    (parts / "debian.sources.save").write_text(DEB822)
    assert [source.suite for source in read(tmp_path)] == [
        "stable",
        "bookworm",
        "bookworm-updates",
        "bookworm-security",
    ]


def test_debian_is_told_from_another_archive_with_a_suite_of_the_same_name() -> None:
    other = Source(OTHER, "bookworm", ("main",), "/etc/apt/keyrings/other.gpg")
    archive = debian_archive([other, *parse_deb822(DEB822)], "bookworm")
    assert archive is not None
    assert archive.main.uri == MIRROR
    assert archive.lines("bookworm") == [
        f"deb [signed-by={KEYRING}] {MIRROR} bookworm main",
        f"deb [signed-by={KEYRING}] {MIRROR} bookworm-updates main",
        f"deb {SECURITY} bookworm-security main",
    ]


def test_without_its_updates_debian_is_told_by_its_keyring() -> None:
    sources = [Source(OTHER, "trixie", ("main",)), Source(MIRROR, "trixie", ("main",), KEYRING)]
    archive = debian_archive(sources, "trixie")
    assert archive is not None
    assert archive.main.uri == MIRROR
    assert archive.lines("bookworm")[0].endswith(f"{MIRROR} bookworm main")


def test_two_archives_that_could_both_be_debian_are_not_guessed_between() -> None:
    sources = [Source(OTHER, "bookworm", ("main",)), Source(MIRROR, "bookworm", ("main",))]
    assert debian_archive(sources, "bookworm") is None


def test_a_machine_without_a_debian_archive_has_none() -> None:
    assert debian_archive([Source(OTHER, "cloud-bookworm", ("main",))], "bookworm") is None


def test_backports_are_declared_with_the_same_address_and_key() -> None:
    stanza = deb822(Source(MIRROR, "bookworm", ("main",), KEYRING), "bookworm-backports", "why")
    assert stanza.startswith("# why\n")
    assert parse_deb822(stanza) == [Source(MIRROR, "bookworm-backports", ("main",), KEYRING)]
