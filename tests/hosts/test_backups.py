"""The backups as they run: encrypted, out of the senders' reach, restored and compared. Nothing here changes them."""

from __future__ import annotations

import json
import time

import pytest

from inventory.topology import Host, Topology

pytestmark = pytest.mark.live

CHECK = "systemctl start omi-backup-check.service; cat /var/lib/omi/backup-check.json"
PGBACKREST = "cd /tmp; su postgres -s /bin/sh -c 'pgbackrest --stanza=omi {} 2>&1'"
RED_FOR_S = 600
"""After a drill a check may be red until the archive has been probed again."""


def stores(topology: Topology) -> dict[str, Host]:
    """The stores by their zone."""
    return {str(host.zone): host for host in topology.backup_center.hosts if host.role == "store"}


@pytest.fixture
def databases_store(topology, on):
    """The host that keeps the databases' backups."""
    return on(stores(topology)["kikan"].name)


@pytest.fixture
def files_store(topology, on):
    """The host that keeps the file shares' backups."""
    return on(stores(topology)["joho"].name)


@pytest.fixture
def sender(topology, on):
    """The host of the file shares."""
    return on(next(host.name for host in topology.data_center.hosts if host.role == "file"))


@pytest.fixture
def members(topology, on):
    """The databases' hosts."""
    centers = (topology.data_center, topology.backup_center)
    return [on(host.name) for center in centers for host in center.hosts if host.role == "db"]


def state(host) -> dict:
    """What the check says now."""
    return json.loads(host.run(CHECK).stdout)


@pytest.mark.parametrize("store", ["databases_store", "files_store"])
def test_the_check_is_green(store, request):
    host = request.getfixturevalue(store)
    deadline = time.monotonic() + RED_FOR_S
    while not (found := state(host))["green"] and time.monotonic() < deadline:
        time.sleep(10)
    assert found["reasons"] == []
    assert (
        "omi_backup_green 1" in host.file("/var/lib/prometheus/node-exporter/omi_backup.prom").content_string
    )


@pytest.mark.parametrize(
    ("store", "jobs"),
    [
        ("databases_store", ("take", "verify", "restore", "probe", "check")),
        ("files_store", ("verify", "restore", "check")),
        ("sender", ("push",)),
    ],
)
def test_the_timers_run(store, jobs, request):
    host = request.getfixturevalue(store)
    for job in jobs:
        assert host.service(f"omi-backup-{job}.timer").is_enabled
        assert host.service(f"omi-backup-{job}.timer").is_running


def test_the_repository_is_encrypted_and_sound(databases_store):
    (stanza,) = json.loads(databases_store.check_output(PGBACKREST.format("--output=json info")))
    assert stanza["cipher"] == "aes-256-cbc"
    assert stanza["status"]["code"] == 0
    assert [backup["type"] for backup in stanza["backup"]].count("full") >= 1
    # a page of a database is not to be found in clear
    some = "find /var/lib/pgbackrest/backup -type f -size +8k | head -20 | xargs head -qc 8 | grep -c '^Salted__'"
    assert int(databases_store.check_output(some)) > 0


def test_the_last_restore_was_compared_row_by_row(databases_store, topology):
    found = json.loads(databases_store.file("/var/lib/omi/backup/restore.json").content_string)
    assert found["faults"] == []
    seal = json.loads(databases_store.file("/var/lib/omi/backup/seal.json").content_string)
    owned = [
        name for name in seal["figures"] if name.split("_")[0] in {site.name for site in topology.cities}
    ]
    assert len(owned) >= 4 * len(topology.cities)
    assert found["found"]["databases"] == len(seal["figures"])


def test_a_databases_host_sees_the_archive_and_no_backup(members):
    for member in members:
        assert "archive.info" in member.check_output(PGBACKREST.format("repo-ls archive/omi"))
        assert member.check_output(PGBACKREST.format("repo-ls backup")) == ""
        assert "missing stanza path" in member.check_output(PGBACKREST.format("info"))


def test_no_databases_host_holds_the_repositorys_pass(members, databases_store):
    word = "sed -n s/^repo1-cipher-pass=//p /etc/pgbackrest/pgbackrest.conf"
    held = databases_store.check_output(word)
    assert len(held) == 32
    for member in members:
        assert member.check_output(word) == ""
    assert databases_store.file("/etc/pgbackrest/pgbackrest.conf").mode == 0o640


def test_what_arrived_is_sealed(databases_store):
    """What is there before the sealing is root's after it; what arrives meanwhile is the next one's."""
    listing = "find /var/lib/pgbackrest/archive -name '*.zst' {} -print"
    arrived = set(databases_store.check_output(listing.format("")).splitlines())
    assert arrived
    databases_store.check_output("omi-backup keep")
    open_to_the_sender = databases_store.check_output(listing.format("-not -uid 0")).splitlines()
    assert arrived & set(open_to_the_sender) == set()
    assert databases_store.file("/var/lib/pgbackrest-sealed").user == "root"
    assert databases_store.file("/var/lib/pgbackrest-sealed").mode == 0o750


def test_the_log_is_archived_by_the_program_that_knows_the_exception(members):
    for member in members:
        command = member.check_output("cd /tmp; psql -U postgres -Atc 'SHOW archive_command'")
        assert command == '/usr/local/bin/pgbackrest-push "%p"'


DELETE = """
import base64, pathlib, ssl, sys, urllib.error, urllib.parse, urllib.request
url = urllib.parse.urlsplit(pathlib.Path(f"/etc/omi/file-backup/{sys.argv[1]}.url").read_text().removeprefix("rest:"))
context = ssl.create_default_context(cafile="/etc/omi/pki/authority.pem")
request = urllib.request.Request(f"https://{url.hostname}:{url.port}/{sys.argv[2]}", method=sys.argv[3])
request.add_header("Authorization", "Basic " + base64.b64encode(f"{url.username}:{url.password}".encode()).decode())
try:
    print(urllib.request.urlopen(request, context=context).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


def asked(sender, city: str, path: str, method: str) -> str:
    """The door's answer to a request with ``city``'s credentials."""
    return sender.run("python3 -c %s %s %s %s", DELETE, city, path, method).stdout.strip()


def test_the_sender_can_delete_nothing(sender, files_store, topology):
    for city in (site.name for site in topology.cities):
        snapshot = files_store.check_output(f"ls /srv/restic/{city}/snapshots | head -1")
        assert snapshot
        assert asked(sender, city, f"{city}/config", "HEAD") == "200"
        assert asked(sender, city, f"{city}/snapshots/{snapshot}", "DELETE") == "403"
        assert asked(sender, city, f"{city}/config", "DELETE") == "403"
        assert files_store.file(f"/srv/restic/{city}/snapshots/{snapshot}").exists


def test_a_citys_credentials_open_no_other_citys_repository(sender, files_store, topology):
    one, other = (site.name for site in topology.cities[:2])
    assert asked(sender, one, f"{other}/config", "GET") == "403"
    key = sender.check_output(f"cat /etc/omi/file-backup/{one}.key")
    opens = "restic --no-cache --no-lock -r /srv/restic/%s --password-command %s key list"
    assert files_store.run(opens, one, f"echo {key}").rc == 0
    refused = files_store.run(opens, other, f"echo {key}")
    assert refused.rc != 0
    assert "wrong password" in refused.stderr


def test_the_sender_has_not_the_key_that_can_remove(sender, files_store, topology):
    for city in (site.name for site in topology.cities):
        file = f"/etc/omi/backup-keys/{city}"
        assert sender.run("grep -rlF -e %s /etc/omi", files_store.check_output(f"cat {file}")).rc == 1
        assert files_store.check_output(f"stat -c '%U %a' {file}") == "root 640"


def test_each_citys_last_restore_was_compared(files_store, topology):
    for city in (site.name for site in topology.cities):
        found = json.loads(files_store.file(f"/var/lib/omi/backup/restore-{city}.json").content_string)
        assert found["faults"] == []
        assert found["found"]["files"] >= 1


def test_no_dump_of_a_city_is_left_anywhere(databases_store):
    assert databases_store.run("ls -A /var/lib/omi/scratch").stdout.strip() == ""
