"""What images share: packages, taken while others come in, whole ones only; and the base, which stays as it is."""

from __future__ import annotations

import multiprocessing
import subprocess
from pathlib import Path

from lab.image_build import copy_of, hand_over, keep_packages, setup_scripts, take_packages

SIZE = 400_000
COUNT = 40


def _bring_in(debs: str, stop: str) -> None:
    """Another build that ends again and again: it writes elsewhere and renames, as lab/images.py does."""
    number = 0
    while not Path(stop).exists():
        name = f"p{number % COUNT}_1_all.deb"
        made = Path(debs).parent / name
        made.write_bytes(bytes([number % 256]) * SIZE)
        made.replace(Path(debs) / name)
        number += 1


def _filled(debs: Path) -> Path:
    debs.mkdir()
    for number in range(COUNT):
        (debs / f"p{number}_1_all.deb").write_bytes(b"0" * SIZE)
    return debs


def test_packages_are_taken_whole_while_another_build_brings_its_own(tmp_path: Path) -> None:
    debs, stop = _filled(tmp_path / "debs"), tmp_path / "stop"
    other = multiprocessing.get_context("fork").Process(target=_bring_in, args=(str(debs), str(stop)))
    other.start()
    try:
        for turn in range(20):
            known = tmp_path / f"known-{turn}"
            take_packages(debs, known)
            packages = list(known.iterdir())
            assert len(packages) == COUNT
            contents = [package.read_bytes() for package in packages]
            assert all(len(content) == SIZE and len(set(content)) == 1 for content in contents)
            assert other.is_alive()
    finally:
        stop.touch()
        other.join()


def test_what_is_no_package_yet_is_left(tmp_path: Path) -> None:
    debs = _filled(tmp_path / "debs")
    (debs / "p1_2_all.deb.part").touch()
    (debs / "partial").mkdir()
    take_packages(debs, tmp_path / "known")
    assert {file.suffix for file in (tmp_path / "known").iterdir()} == {".deb"}


def test_the_first_build_of_all_finds_no_packages_and_says_nothing(tmp_path: Path) -> None:
    known = tmp_path / "known"
    take_packages(tmp_path / "debs", known)
    assert list(known.iterdir()) == []
    _as_a_hook(hand_over(known), tmp_path / "tree")
    assert list((tmp_path / "tree/var/cache/apt/archives").iterdir()) == []


def test_apt_finds_the_packages_in_the_tree_and_nothing_is_left_in_the_workshop(tmp_path: Path) -> None:
    workshop = tmp_path / "work shop's"
    workshop.mkdir()
    known, tree = workshop / "known", workshop / "tree"
    take_packages(_filled(tmp_path / "debs"), known)
    (tree / "var/cache/apt/archives/partial").mkdir(parents=True)
    _as_a_hook(hand_over(known), tree)
    assert len(list((tree / "var/cache/apt/archives").glob("*.deb"))) == COUNT
    assert not known.exists()


def test_an_image_keeps_no_package_and_the_next_build_finds_them_all(tmp_path: Path) -> None:
    debs, archives = _filled(tmp_path / "debs"), tmp_path / "archives"
    take_packages(debs, archives)
    (archives / "new_1_all.deb").write_bytes(b"fetched")
    (archives / "lock").touch()
    keep_packages(archives, debs)
    assert [file.name for file in archives.iterdir()] == ["lock"]
    assert len(list(debs.iterdir())) == COUNT + 1
    assert (debs / "new_1_all.deb").read_bytes() == b"fetched"


def test_a_kind_starts_from_a_copy_of_the_base_which_stays_as_it_is(tmp_path: Path) -> None:
    base, tree = tmp_path / "the base's", tmp_path / "tree"
    (base / "etc").mkdir(parents=True)
    (base / "etc" / "passwd").write_text("root\n")
    (base / "etc" / "passwd").chmod(0o640)
    (base / ".hidden").symlink_to("etc")
    (tree / "etc").mkdir(parents=True)
    (tree / "etc" / "passwd").write_text("of mmdebstrap's own\n")
    _as_a_hook(copy_of(base), tree)
    assert (tree / ".hidden").readlink() == Path("etc")
    with (tree / "etc" / "passwd").open("a") as file:
        file.write("frr\n")
    assert (tree / "etc" / "passwd").read_text() == "root\nfrr\n"
    assert (tree / "etc" / "passwd").stat().st_mode & 0o777 == 0o640
    assert (base / "etc" / "passwd").read_text() == "root\n"


def test_the_base_is_copied_before_packages_are_put_into_the_tree(tmp_path: Path) -> None:
    known, base = tmp_path / "known", tmp_path / "base"
    assert copy_of(base) not in setup_scripts(known, None)
    with_base = setup_scripts(known, base)
    assert with_base.index(copy_of(base)) < with_base.index(hand_over(known))


def _as_a_hook(script: str, tree: Path) -> None:
    """As mmdebstrap(1) runs a hook that has characters of the shell in it."""
    tree.mkdir(exist_ok=True)
    subprocess.run(["sh", "-c", script, "exec", str(tree)], check=True)
