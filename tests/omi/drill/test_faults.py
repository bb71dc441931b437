"""What can be broken, as far as it is files and names: done to real files, and put right."""

from __future__ import annotations

import os

import pytest

from lab.errors import LabError
from omi.drill import faults, stores
from omi.drill.drills import backup_damage, wal_gap


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file of a repository, with content that tells every byte."""
    monkeypatch.setattr(stores, "ASIDE", str(tmp_path / "aside"))
    one = tmp_path / "repository" / "base" / "1234.gz"
    one.parent.mkdir(parents=True)
    one.write_bytes(bytes(range(256)) * 40)
    os.utime(one, ns=(10**18, 10**18))
    return one


def test_a_damaged_file_keeps_size_and_times_and_comes_back_whole(here, file):
    before, stat = file.read_bytes(), file.stat()
    backup_damage.fault(here, {"backup": "x", "file": str(file)})
    after = file.read_bytes()
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 16
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    stores.put_back(here, str(file))
    assert file.read_bytes() == before
    assert file.stat().st_mtime_ns == stat.st_mtime_ns


def test_a_file_that_is_taken_away_comes_back_as_the_very_file(here, file):
    inode = file.stat().st_ino
    wal_gap.fault(here, {"file": str(file)})
    assert not file.exists()
    stores.put_back(here, str(file))
    assert file.stat().st_ino == inode


def test_putting_back_twice_or_without_a_fault_changes_nothing(here, file):
    before = file.read_bytes()
    for _ in range(2):
        stores.put_back(here, str(file))
    assert file.read_bytes() == before


def test_a_store_that_cannot_be_asked_is_no_answer(here):
    with pytest.raises(LabError, match="ended with status 127"):
        stores.told(here, "check")


def test_ports_are_those_of_hosts_that_run():
    def instance(**cards):
        return {"status": "Running", "state": {"network": cards}}

    found = {
        "a": instance(eth0={"host_name": "veth1"}, lo={"host_name": ""}),
        "b": instance(eth0={"host_name": "veth2"}, eth1={"host_name": "veth3"}),
        "c": {"status": "Stopped", "state": {"network": None}},
        "d": {"status": "Stopped", "state": None},
    }
    assert faults.ports(found, ["a", "b"]) == ["veth1", "veth2", "veth3"]
    assert faults.ports(found, ["b", "c", "d", "none"]) == ["veth2", "veth3"]
