"""File shares, with the real restic and the real door (rclone) on loopback: what a sender can do, and cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ansible.conftest import ROOT, module_at
from tests.backups.conftest import PROGRAM, free_port, until

if str(PROGRAM) not in sys.path:
    sys.path.insert(0, str(PROGRAM))

from omi_backup import files, share  # isort: skip
from omi_backup.run import FailedError, must  # isort: skip
from omi_backup.settings import FileSettings  # isort: skip

samples = module_at(ROOT / "ansible/roles/file_backup/files/sample_shares.py", "sample_shares")
htpasswd = module_at(ROOT / "ansible/filter_plugins/htpasswd.py", "htpasswd_filter")
CITIES = ("konan", "yasu")


class Center:
    """A store with its door, and a sender, below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        user = __import__("getpass").getuser()
        self.settings = FileSettings(
            limits={"copied": {"every": 1, "red_after": 60}},
            cities=CITIES,
            kept_whole=7 * 86400,
            kept_daily=90 * 86400,
            sample_bytes=10**9,
            repositories=folder / "repositories",
            keys=folder / "keys",
            scratch=folder / "scratch",
            records=folder / "records",
            user=user,
        )
        self.sender = share.ShareSettings(
            shares=folder / "shares",
            credentials=folder / "credentials",
            authority=folder / "certificate.pem",
            manifests=folder / "manifests",
            cache=folder / "cache",
            records=folder / "records",
        )
        for name in ("repositories", "keys", "shares", "credentials"):
            (folder / name).mkdir()
        for city in CITIES:
            self.found(city)
        samples.main(self.sender.shares, list(CITIES))
        subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        must(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject),
                *("-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")),
            ]
        )

    def found(self, city: str) -> None:
        """Make the city's repository with both keys, as the module does, and the share and the credentials."""
        (self.sender.shares / city).mkdir()
        (self.settings.keys / city).write_text(f"keeper of {city}")
        (self.sender.credentials / f"{city}.key").write_text(f"sender of {city}")
        url = f"rest:https://{city}:door-{city}@localhost:{self.port}/{city}/"
        (self.sender.credentials / f"{city}.url").write_text(url)
        must(files.restic(self.settings, city, "init"))
        key = str(self.sender.credentials / f"{city}.key")
        must(files.restic(self.settings, city, "key", "add", "--new-password-file", key))

    def open(self) -> subprocess.Popen[bytes]:
        """Open the door with the options of the role's unit."""
        lines = [f"{city}:{htpasswd.htpasswd_sha(f'door-{city}')}" for city in CITIES]
        (self.folder / "htpasswd").write_text("\n".join(lines) + "\n")
        unit = (
            ROOT / "ansible/roles/file_backup_repository/templates/etc/systemd/system/omi-restic.service.j2"
        ).read_text()
        assert "--append-only --private-repos" in unit
        command = ["rclone", "serve", "restic", "--config", "/dev/null", "--addr", f"127.0.0.1:{self.port}"]
        command += ["--cert", str(self.folder / "certificate.pem"), "--key", str(self.folder / "key.pem")]
        command += ["--htpasswd", str(self.folder / "htpasswd"), "--append-only", "--private-repos"]
        door = subprocess.Popen([*command, str(self.settings.repositories)], stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                self.ask("konan", "/konan/config", "HEAD")
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        return door

    def ask(self, user: str, path: str, method: str = "GET", data: bytes | None = None) -> int:
        """The door's status for a request of ``user``."""
        import ssl

        request = urllib.request.Request(f"https://localhost:{self.port}{path}", data=data, method=method)
        request.add_header("Authorization", "Basic " + b64encode(f"{user}:door-{user}".encode()).decode())
        context = ssl.create_default_context(cafile=str(self.sender.authority))
        try:
            return int(urllib.request.urlopen(request, context=context, timeout=20).status)  # noqa: S310
        except urllib.error.HTTPError as error:
            return error.code


@contextmanager
def open_door(center):
    """The center's door, open until the end."""
    door = center.open()
    try:
        yield
    finally:
        door.terminate()
        door.wait(20)


@pytest.fixture(scope="session")
def sent_once(tmp_path_factory):
    """A store to which the shares have been sent once, and a copy of its folder.

    Each use of a key costs restic half a second of processor time on purpose, and ten are needed up to here; so the
    tests start from a copy. It goes to the same folder each time: snapshots hold the paths of what was sent.
    """
    missing = [name for name in ("restic", "rclone", "openssl") if not shutil.which(name)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    place = tmp_path_factory.mktemp("store")
    (place / "center").mkdir()
    made = Center(place / "center")
    with open_door(made):
        for city in CITIES:
            assert share.push(made.sender, city)[0] == []
    return made, shutil.copytree(made.folder, place / "as sent")


@pytest.fixture
def center(sent_once):
    """A store whose door is open, and shares that have been sent once."""
    made, copy = sent_once
    shutil.rmtree(made.folder)
    shutil.copytree(copy, made.folder)
    with open_door(made):
        yield made


def snapshot(center: Center, city: str) -> Path:
    """A snapshot's file in the city's repository."""
    return next((center.settings.repositories / city / "snapshots").iterdir())


def test_what_was_sent_can_be_verified_restored_and_compared(center):
    for city in CITIES:
        assert files.verify(center.settings, city)[0] == []
        faults, found = files.restore_test(center.settings, city)
        assert faults == []
        assert found["files"] == found["of"] == 24
        facts = files.facts(center.settings, city, time.time())
        assert len(facts.snapshots) == 1


@contextmanager
def a_backup_under_way(center, city):
    """restic reading from us, with its lock in the repository."""
    words = share.restic(center.sender, city, "backup", "--stdin")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as sending:
        locks = center.settings.repositories / city / "locks"
        until(lambda: list(locks.iterdir()))
        yield sending


def test_who_verifies_waits_for_the_city_that_is_sending(center):
    share.push(center.sender, "konan")
    with a_backup_under_way(center, "konan") as sending, ThreadPoolExecutor(1) as aside:
        verifying = aside.submit(files.verify, center.settings, "konan")
        with pytest.raises(TimeoutError):
            verifying.result(4)
        sending.stdin.close()
        assert verifying.result(60)[0] == []


def test_the_lock_of_a_sender_that_died_holds_nobody_up(center):
    share.push(center.sender, "konan")
    with a_backup_under_way(center, "konan") as sending:
        sending.kill()
    assert files.verify(center.settings, "konan")[0] == []
    assert share.push(center.sender, "konan")[0] == []


def test_a_sender_can_add_and_not_remove(center):
    name = snapshot(center, "konan").name
    data = next(path for path in (center.settings.repositories / "konan/data").rglob("*") if path.is_file())
    assert center.ask("konan", f"/konan/snapshots/{name}", "DELETE") == 403
    assert center.ask("konan", f"/konan/data/{data.name}", "DELETE") == 403
    assert center.ask("konan", f"/konan/snapshots/{name}", "POST", b"something else") == 403  # nor write over
    assert center.ask("konan", "/konan/config", "DELETE") == 403
    with pytest.raises(FailedError):
        must(share.restic(center.sender, "konan", "forget", "--prune", name))
    assert files.verify(center.settings, "konan")[0] == []
    assert share.push(center.sender, "konan")[0] == []  # its locks, it may remove


def test_a_sender_reaches_no_other_citys_repository_and_its_key_opens_none(center):
    assert center.ask("yasu", f"/konan/snapshots/{snapshot(center, 'konan').name}") == 403
    assert center.ask("nobody", "/konan/config") == 401
    wrong = ["restic", "--no-cache", "-r", str(center.settings.repositories / "konan"), "--password-file"]
    for key in (center.sender.credentials / "yasu.key", center.settings.keys / "yasu"):
        with pytest.raises(FailedError, match="wrong password or no key found"):
            must([*wrong, str(key), "snapshots"])


def test_damage_is_found(center):
    victim = max(
        (path for path in (center.settings.repositories / "konan/data").rglob("*") if path.is_file()),
        key=lambda path: path.stat().st_size,
    )
    victim.chmod(0o600)
    sound = victim.read_bytes()
    victim.write_bytes(sound[:50] + b"XXXX" + sound[54:])
    assert files.verify(center.settings, "konan")[0] != []
    assert files.verify(center.settings, "yasu")[0] == []
    assert files.restore_test(center.settings, "konan")[0] != []


def test_a_file_that_is_not_what_was_sent_is_found(center):
    """A sender whose restic lies would be caught: the manifest says what was meant."""
    manifest = center.sender.manifests / "konan" / "manifest.json"
    text = manifest.read_text()
    first = text.index('"sha256": "') + len('"sha256": "')
    manifest.write_text(text[:first] + "0" * 64 + text[first + 64 :])
    command = share.restic(
        center.sender, "konan", "backup", str(center.sender.shares / "konan"), str(manifest)
    )
    must(command)
    faults, _ = files.restore_test(center.settings, "konan")
    assert len(faults) == 1
    assert faults[0].endswith("is not what it was")


def test_an_empty_share_and_an_empty_repository_are_faults(center):
    shutil.rmtree(center.sender.shares / "konan")
    (center.sender.shares / "konan").mkdir()
    assert "there is nothing in" in share.push(center.sender, "konan")[0][0]
    for path in (center.settings.repositories / "yasu/snapshots").iterdir():
        path.unlink()
    assert files.verify(center.settings, "yasu")[0] == ["there was nothing to verify"]
    assert files.restore_test(center.settings, "yasu")[0] == ["there was no snapshot to restore"]


def test_what_is_old_goes_and_its_data_with_it(center):
    old = snapshot(center, "konan")
    assert share.push(center.sender, "konan")[0] == []
    os.utime(old, (1, 1))
    faults, found = files.verify(center.settings, "konan")
    assert (faults, found["forgotten"]) == ([], 1)
    assert not old.exists()
    assert files.restore_test(center.settings, "konan")[0] == []


def test_samples_are_the_same_every_time_and_never_touch_what_is_there(tmp_path):
    assert list(samples.files("konan")) == list(samples.files("konan"))
    assert list(samples.files("konan")) != list(samples.files("yasu"))
    (tmp_path / "konan").mkdir()
    (tmp_path / "konan" / "own").write_text("x")
    samples.main(tmp_path, ["konan"])
    assert [path.name for path in (tmp_path / "konan").iterdir()] == ["own"]
