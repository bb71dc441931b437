"""The archive program: what it lets go and what stays an alarm, with a cluster that really left a timeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ansible.conftest import module_at
from tests.backups.conftest import PUSH, USER, Loopback, Node, free_port, run, until, write

push = module_at(PUSH, "pgbackrest_push")

HISTORY = "1\t0/5000060\tno recovery target specified\n\n2\t0/8F00000\tno recovery target specified\n"
"""Timeline 3's: timeline 1 was left in segment 5, timeline 2 in segment 8."""


@pytest.mark.parametrize(
    ("name", "goes"),
    [
        ("000000010000000000000005", True),  # where this history left timeline 1
        ("000000010000000000000006", True),  # after it: only a fork's
        ("000000010000000000000004", False),  # before: common to both, so other bytes are damage
        ("000000020000000000000008", True),
        ("000000020000000000000007", False),
        ("000000030000000000000009", False),  # the present timeline
        ("000000040000000000000009", False),  # one that is not ours at all
        ("00000003.history", False),
        ("000000010000000000000005.partial", False),
        ("000000010000000000000005.00000028.backup", False),
        ("00000001000000000000000Z", False),
        ("", False),
    ],
)
def test_only_what_the_present_history_left_behind_may_go(name: str, goes: bool) -> None:
    assert push.may_go(name, 3, HISTORY) is goes


@pytest.mark.parametrize("history", ["", "no history at all\n", "2\t0/8F00000\tx\n"])
def test_a_history_that_does_not_name_the_timeline_lets_nothing_go(history: str) -> None:
    assert not push.may_go("000000010000000000000005", 3, history)


def test_other_sizes_of_segments_are_counted_in_their_own_way() -> None:
    assert push.partings("1\t1/4000060\tx\n", 1 << 26) == {1: 65}
    assert push.place("000000010000000100000001", 1 << 26) == (1, 65)


def archived(node: Node) -> int:
    """How many files PostgreSQL has archived since it was started."""
    return int(node.sql("SELECT archived_count FROM pg_stat_archiver"))


def marked(node: Node, pattern: str) -> list[Path]:
    """PostgreSQL's marks of files to archive (SEGMENT.ready) and archived (SEGMENT.done)."""
    return list((node.data / "pg_wal" / "archive_status").glob(pattern))


def beside(loop: Loopback, node: Node, name: str) -> Node:
    """Another node of the cluster, without data yet."""
    config = loop.folder / f"{name}.conf"
    other = Node(loop.folder / name, config, free_port())
    text = node.config.read_text().replace(f"pg1-path={node.data}", f"pg1-path={other.data}")
    for part in ("spool", "lock-db"):
        text = text.replace(f"={loop.folder / part}", f"={other.folder / part}")
    write(config, text.splitlines())
    run("mkdir", "-m", "700", other.folder, other.folder / "spool", other.folder / "lock-db")
    return other


def follow(node: Node, primary: Node) -> None:
    """Make ``node``, whose data is there, a standby of ``primary``."""
    lines = [
        f"port = {node.port}",
        f"unix_socket_directories = '{node.folder}'",
        f"archive_command = '{node.archive_command}'",
        f"primary_conninfo = 'host={primary.folder} port={primary.port} user={USER}'",
    ]
    with (node.data / "postgresql.conf").open("a") as file:
        file.write("\n".join(lines) + "\n")
    run("touch", node.data / "standby.signal")


def test_a_node_with_a_file_of_a_timeline_it_left_midway_archives_on(loopback: tuple[Loopback, Node]) -> None:
    """The trap itself. One and two hold the same beginning of a file; the old primary archives its own end of it;
    one is promoted, two follows and is promoted next: then it offers its version, and is refused."""
    loop, old = loopback
    one, two = beside(loop, old, "one"), beside(loop, old, "two")
    old.sql("CREATE TABLE t AS SELECT generate_series(1, 1000) AS i")
    old.sql("SELECT pg_switch_wal()")
    where = f"host={old.folder} port={old.port} user={USER}"
    run("pg_basebackup", "-D", one.data, "-d", where, "-c", "fast")
    follow(one, old)
    one.start()
    old.sql("INSERT INTO t SELECT generate_series(1, 1000)")
    left = old.sql("SELECT pg_walfile_name(pg_current_wal_lsn())")
    until(lambda: one.sql("SELECT count(*) FROM t") == "2000")
    one.stop("immediate")
    run("cp", "-a", one.data, two.data)
    follow(two, one)

    old.sql("INSERT INTO t SELECT generate_series(1, 5)")  # nobody follows any more: a history of its own
    old.sql("SELECT pg_switch_wal()")
    # this very file: earlier ones may still be on their way, and a count would take one of them for it
    until(lambda: marked(old, f"{left}.done"))
    old.stop("immediate")

    one.start()
    one.sql("SELECT pg_promote()")
    one.sql("CHECKPOINT")
    # it has heard of the new timeline before it follows: so it takes the file from there and keeps its own unmarked
    run("cp", one.data / "pg_wal" / "00000002.history", two.data / "pg_wal")
    two.start()
    one.sql("INSERT INTO t SELECT generate_series(1, 7)")
    until(lambda: two.sql("SELECT count(*) FROM t") == "2007")
    one.stop("immediate")
    two.sql("SELECT pg_promote()")
    two.sql("CHECKPOINT")

    def refused() -> bool:
        """Whether pgBackRest refuses the file; its archiver may be at work, and only one can be at a time."""
        command = (
            "pgbackrest",
            f"--config={two.config}",
            "--stanza=omi",
            "--no-archive-async",
            "archive-push",
        )
        return run(*command, two.data / "pg_wal" / left, check=False).returncode == 45

    until(refused)

    def lets_it_go() -> bool:
        """A checkpoint has the old file archived, and a new one wakes the archiver. Only a few at a time: if each
        look added one, a slow machine would have more to archive than it can in the time given below."""
        if len(marked(two, "*.ready")) < 4:
            two.sql("CREATE TABLE IF NOT EXISTS u (i int); INSERT INTO u VALUES (1)")
            two.sql("SELECT pg_switch_wal()")
            two.sql("CHECKPOINT")
        return f"{left} was left behind" in (two.folder / "log").read_text()

    until(lets_it_go)
    last = two.sql("SELECT pg_walfile_name(pg_switch_wal())")
    until(lambda: last <= two.sql("SELECT last_archived_wal FROM pg_stat_archiver"))
    two.stop("immediate")


def test_damage_stays_an_alarm(loopback: tuple[Loopback, Node]) -> None:
    """A segment of the present timeline that is in the archive with other bytes is refused for good."""
    loop, node = loopback
    node.sql("CREATE TABLE t (i int)")
    name = node.sql("SELECT pg_walfile_name(pg_switch_wal())")
    until(lambda: archived(node) >= 1)
    segment = node.data / "pg_wal" / name
    run("dd", "if=/dev/zero", f"of={segment}", "bs=1M", "seek=15", "count=1", "conv=notrunc")
    with segment.open("r+b") as file:
        file.seek(15 << 20)
        file.write(b"other bytes")
    status = node.data / "pg_wal" / "archive_status" / name
    run("mv", f"{status}.done", f"{status}.ready")
    run("rm", "-r", loop.folder / "spool" / "archive")  # or it would remember that it went well before
    done = run(
        "sh",
        "-c",
        f"cd {node.data} && OMI_PGBACKREST={node.config} python3 -I {node.push} pg_wal/{name}",
        check=False,
    )
    assert done.returncode == 45, done.stderr


def test_a_repository_that_does_not_answer_is_an_alarm(loopback: tuple[Loopback, Node]) -> None:
    loop, node = loopback
    node.sql("CREATE TABLE t (i int)")
    loop.servers[0].terminate()
    loop.servers[0].wait()
    failed = "SELECT failed_count FROM pg_stat_archiver"
    node.sql("SELECT pg_switch_wal()")
    until(lambda: int(node.sql(failed)) > 0, 90)
    assert archived(node) == 0
