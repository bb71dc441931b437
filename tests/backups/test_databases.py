"""The repository's jobs against a real cluster: what is sound is green; what is damaged, gone or old is found."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.backups.conftest import USER, Loopback, Node, run, until

from omi_backup import checks, city, keeper, repository, restore_test, scratch, seal, wal  # isort: skip
from omi_backup.__main__ import main  # isort: skip
from omi_backup.record import remember  # isort: skip
from omi_backup.run import FailedError  # isort: skip
from omi_backup.session import Session  # isort: skip
from omi_backup.settings import DatabaseSettings  # isort: skip


def filled(node: Node) -> None:
    """Two databases with something in them, Japanese too."""
    for name in ("konan_tax", "yasu_tax"):
        node.sql(f"CREATE DATABASE {name}")
        node.sql("CREATE TABLE payer (id int PRIMARY KEY, name text)", name)
        node.sql("INSERT INTO payer SELECT i, '髙橋 𠮷郎 ' || i FROM generate_series(1, 2000) i", name)


def backed_up(loop: Loopback, settings: DatabaseSettings) -> None:
    """A full backup, verified, with its log."""
    loop.pgbackrest("--type=full", "backup")
    remember(settings.records, "probe", repository.probe(settings), {})
    remember(settings.records, "verify", *repository.verify(settings))


def codes(settings: DatabaseSettings) -> list[str]:
    """The words of the check's reasons."""
    return sorted({reason.code for reason in checks.check(settings)})


def test_with_nothing_there_everything_is_missing(settings):
    assert codes(settings) == ["archive", "backup", "full", "repository", "restore", "verify"]
    faults, _ = repository.verify(settings)
    assert "there was nothing to verify" in faults
    assert restore_test.restore_test(settings)[0] == ["no valid backups"]


def test_a_backup_that_is_restored_and_alike_is_green_and_each_damage_is_found(loopback, settings):
    loop, node = loopback
    filled(node)
    backed_up(loop, settings)
    faults, found = restore_test.restore_test(settings)
    assert faults == []
    assert found["rows"] == 4000
    assert found["databases"] == 3
    remember(settings.records, "restore", faults, found)
    assert codes(settings) == []

    victim = max((loop.repository / "backup").rglob("*.zst"), key=lambda path: path.stat().st_size)
    sound = victim.read_bytes()
    victim.write_bytes(sound[:100] + b"XXXX" + sound[104:])
    faults, _ = repository.verify(settings)
    assert any("checksum invalid: 1" in fault for fault in faults)
    assert restore_test.restore_test(settings)[0]
    victim.write_bytes(sound)
    assert repository.verify(settings)[0] == []


def test_what_a_verification_finds_is_told_at_once_and_not_at_the_next_look(loopback, settings):
    loop, _ = loopback
    backed_up(loop, settings)
    settings.metrics.parent.mkdir(exist_ok=True)
    config = loop.folder / "backup.json"
    config.write_text(json.dumps(asdict(settings), default=str))
    victim = max((loop.repository / "backup").rglob("*.zst"), key=lambda path: path.stat().st_size)
    sound = victim.read_bytes()
    for content, red in ((sound[:100] + b"XXXX" + sound[104:], 1), (sound, 0)):
        victim.write_bytes(content)
        assert main(["verify", "--config", str(config)]) == red
        assert f'omi_backup_red{{reason="verify"}} {red}' in settings.metrics.read_text()


def test_rows_that_differ_are_named(loopback, settings):
    loop, node = loopback
    filled(node)
    backed_up(loop, settings)
    sealed = seal.take(settings.connection)
    node.sql("UPDATE payer SET name = '高橋' WHERE id = 7", "konan_tax")
    node.sql("DELETE FROM payer WHERE id = 7", "yasu_tax")
    again = seal.take(settings.connection)
    assert seal.differences(sealed, again.figures) == [
        "konan_tax: public.payer differs (2000 rows sealed, 2000 restored)",
        "yasu_tax: public.payer differs (2000 rows sealed, 1999 restored)",
    ]
    assert seal.differences(again, again.figures) == []


def test_a_seal_is_exact_while_others_write(loopback, settings):
    """Writers go on; the copy at the restore point has the seal's very figures."""
    loop, node = loopback
    filled(node)
    backed_up(loop, settings)
    script = loop.folder / "write.sql"
    script.write_text(
        "UPDATE payer SET name = name || 'x' WHERE id = 1 + (random() * 1900)::int;\n\\sleep 5 ms\n"
    )
    script.chmod(0o644)
    before = node.sql("SELECT sum(length(name)) FROM payer", "konan_tax")
    writer = ["pgbench", "-n", "-f", script, "-T", "8", "-h", node.folder, "-p", node.port, "konan_tax"]
    run("sh", "-c", " ".join(str(word) for word in writer) + " >/dev/null 2>&1 &")
    until(lambda: node.sql("SELECT sum(length(name)) FROM payer", "konan_tax") != before)
    assert restore_test.restore_test(settings)[0] == []
    assert node.sql("SELECT sum(length(name)) FROM payer", "konan_tax") != before


def test_no_seal_holds_while_a_commit_waits_for_the_second_node(loopback, settings):
    """The commit is in the log and in no snapshot: a restored copy would have a row that the seal has not."""
    _, node = loopback
    filled(node)

    def holds(name):
        with Session(settings.connection, "postgres") as control:
            return seal.quiet_point(control, [control], name)

    until(lambda: holds("before"))
    node.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    node.sql("SELECT pg_reload_conf()")
    with ThreadPoolExecutor(1) as aside:
        try:
            waiting = aside.submit(node.sql, "DELETE FROM payer WHERE id = 11", "konan_tax")
            waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            until(lambda: node.sql(waits).strip() == "1")
            assert not any(holds(f"meanwhile_{n}") for n in range(5))
        finally:
            node.sql("ALTER SYSTEM RESET synchronous_standby_names")
            node.sql("SELECT pg_reload_conf()")
            waiting.result(60)
    until(lambda: holds("after"))


def test_a_copy_stops_at_the_time_it_is_told_and_refuses_one_it_cannot_reach(loopback, settings):
    loop, node = loopback
    filled(node)
    backed_up(loop, settings)
    then = node.sql("SELECT clock_timestamp()")
    node.sql("DELETE FROM payer", "konan_tax")
    repository.probe(settings)
    with scratch.restored(settings, ["--type=time", f"--target={then}"], "at") as copy:
        where = f"{copy.connection} dbname=konan_tax"
        assert run("psql", "-XAtc", "SELECT count(*) FROM payer", where).stdout.strip() == "2000"
    assert node.sql("SELECT count(*) FROM payer", "konan_tax") == "0"
    later = ["--type=time", "--target=2038-01-01 00:00:00+09"]
    with pytest.raises(FailedError, match="recovery ended before configured recovery target was reached"):
        scratch.restored(settings, later, "at").__enter__()


def test_a_quiet_moment_can_be_restored_and_what_was_loaded_is_compared(loopback, settings):
    """Nothing has been written since: recovery would wait for a commit after its target."""
    loop, node = loopback
    filled(node)
    backed_up(loop, settings)
    then = node.sql("SELECT clock_timestamp()")
    assert city.plan(settings, then, ["konan_tax"], False) == "restore"
    folder = city.dump(settings, then, ["konan_tax"])
    assert folder.stat().st_mode & 0o777 == 0o700
    node.sql("CREATE ROLE konan_tax; CREATE ROLE backup_auditor")
    script = folder.parent / "copy.sql"
    script.write_text(city.sql_of_copy("konan_tax"))
    where = f"host={node.folder} port={node.port} dbname=postgres"
    run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", script, f"{where} user={USER}")
    assert city.compare(settings, ["konan_tax"]) == [
        "konan_tax: public.payer differs (2000 rows sealed, no restored)"
    ]
    assert "OWNER TO" not in (folder / "konan_tax.sql").read_text()
    dumped = folder.parent / "dumped.sql"
    dumped.write_bytes((folder / "konan_tax.sql").read_bytes())
    dumped.chmod(0o644)
    run(
        "psql",
        "-Xq",
        "-f",
        dumped,
        where.replace("dbname=postgres", f"dbname=konan_tax_restored user={USER}"),
    )
    assert city.compare(settings, ["konan_tax"]) == []
    node.sql(city.sql_of_end("konan_tax", then).rstrip(";\n"))
    assert city.plan(settings, then, ["konan_tax"], False) == "done"


def test_a_gap_in_the_archive_is_named(loopback, settings):
    loop, node = loopback
    backed_up(loop, settings)
    for _ in range(3):
        node.sql("CREATE TABLE IF NOT EXISTS t (i int); INSERT INTO t VALUES (1)")
        name = node.sql("SELECT pg_walfile_name(pg_switch_wal())")
        until(lambda name=name: name in repository.archived(settings, "15-1"))
    held = repository.info(settings)[0][-1]
    assert wal.gaps(repository.archived(settings, held.archive), held.first_segment) == []
    middle = sorted(repository.archived(settings, "15-1"))[-2]
    next(loop.repository.rglob(f"{middle}-*")).unlink()
    assert "gap" in codes(settings)
    assert wal.gaps(repository.archived(settings, held.archive), held.first_segment) == [middle]


@pytest.mark.skipif(os.geteuid() != 0, reason="sealing takes ownership")
def test_what_has_gone_from_the_archive_is_missed_and_can_be_put_back(loopback, settings):
    loop, _node = loopback
    backed_up(loop, settings)
    assert keeper.keep(settings) > 2
    assert keeper.keep(settings) == 0
    held = repository.info(settings)[0]
    assert keeper.missed(settings, held) == set()
    victim = next(path for path in loop.repository.rglob(f"{held[-1].last_segment}-*"))
    assert run("sh", "-c", f": > {victim}", check=False).returncode != 0  # whoever receives cannot change it
    run("rm", "-f", victim)  # but can remove the name
    run("rm", "-f", loop.repository / "archive/omi/archive.info")
    assert len(keeper.missed(settings, held)) == 2
    assert "gone" in codes(settings)
    assert keeper.put_back(settings, held) == 2
    assert keeper.missed(settings, held) == set()
    assert repository.verify(settings)[0] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="sealing takes ownership")
def test_a_note_that_a_new_primary_sends_once_more_is_not_missed(loopback, settings):
    loop, node = loopback
    backed_up(loop, settings)
    keeper.keep(settings)
    note = next(loop.repository.rglob("*.backup"))
    before = note.read_bytes()
    status = next((node.data / "pg_wal" / "archive_status").glob("*.backup.done"))
    run("rm", "-r", loop.folder / "spool" / "archive")
    run("mv", status, status.with_suffix(".ready"))
    # Something for the switch to end: an empty segment is not switched, and the archiver then sleeps a minute.
    node.sql("SELECT pg_create_restore_point('again')")
    node.sql("SELECT pg_switch_wal()")
    until(lambda: note.read_bytes() != before)
    assert keeper.missed(settings, repository.info(settings)[0]) == set()


@pytest.mark.skipif(os.geteuid() != 0, reason="sealing takes ownership")
def test_what_no_backup_needs_any_more_is_not_missed(loopback, settings):
    loop, _node = loopback
    for _ in range(2):
        backed_up(loop, settings)
        keeper.keep(settings)
    sealed = len(keeper.archive_files(settings.sealed))
    loop.pgbackrest("--repo1-retention-full=1", "expire")
    held = repository.info(settings)[0]
    assert len(held) == 1
    assert keeper.missed(settings, held) == set()
    assert len(keeper.archive_files(settings.sealed)) < sealed


def test_an_archive_that_does_not_take_anything_is_found_by_the_probe(loopback, settings):
    loop, node = loopback
    backed_up(loop, settings)
    node.sql("ALTER SYSTEM SET archive_command = '/bin/false'")
    node.sql("SELECT pg_reload_conf()")
    quick = replace(settings)
    faults = repository.probe(quick)
    assert faults


def test_the_metrics_name_every_reason(settings):
    settings.metrics.parent.mkdir()
    checks.check(settings)
    text = Path(settings.metrics).read_text()
    assert "omi_backup_green 0" in text
    assert 'omi_backup_red{reason="backup"} 1' in text
    assert 'omi_backup_red{reason="gap"} 0' in text
