"""The databases as they run: who serves, who follows, who gets in. Nothing is broken here; drills do that."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from functools import cache
from typing import Any

import pytest
from ruamel.yaml import YAML

from inventory.database_plan import databases, with_role
from inventory.databases import MEBIBYTE
from inventory.topology import Site, Topology
from tests.ansible.conftest import module_at
from tests.hosts.conftest import ROOT, SSH_CONFIG

pytestmark = pytest.mark.live

ATTEMPTS = textwrap.dedent(
    """
    import json, psycopg2
    def attempt(options, statements):
        try:
            connection = psycopg2.connect(sslrootcert="/etc/omi/pki/authority.pem", connect_timeout=5, **options)
            connection.autocommit = True
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchone()[0]
        except psycopg2.Error as error:
            return "refused: " + str(error).strip()
    print(json.dumps([attempt(options, statements) for options, statements in json.loads(ATTEMPTS)]))
    """
)


@cache
def master() -> str:
    """The vault's master word."""
    view = ["ansible-vault", "view", os.environ["OMI_VAULT"]]
    text = subprocess.run(view, capture_output=True, text=True, check=True).stdout
    return str(YAML(typ="safe").load(text)["master"])


def named(site: Site, *roles: str) -> list[str]:
    """The hosts of a center that have one of the roles."""
    return [host.name for host in with_role(site, *roles)]


def proxies(topology: Topology) -> list[str]:
    """All proxies, the data center's first."""
    return [*named(topology.data_center, "proxy"), *named(topology.backup_center, "proxy")]


def some_database(topology: Topology) -> tuple[str, str]:
    """A terminal, and a database of its city."""
    one = databases(topology)[0]
    return f"{one.city}-pc1", one.name


def owner(topology: Topology, database: str) -> dict[str, str]:
    """How the owner of ``database`` connects, by whichever proxy."""
    derived = module_at(ROOT / "ansible" / "lookup_plugins" / "secret.py", "secret_lookup").derived
    return {
        "host": ",".join(proxies(topology)),
        "user": database,
        "dbname": database,
        "password": derived(master(), f"database/{database}"),
        "target_session_attrs": "read-write",
        "sslmode": "verify-full",
    }


def attempts(host: str, wanted: list[tuple[dict[str, str], list[str]]]) -> list[Any]:
    """What each connection from ``host`` gives: the last statement's first value, or the refusal.

    Passwords go over standard input, never on a command line.
    """
    program = f"ATTEMPTS = {json.dumps(json.dumps(wanted))}\n{ATTEMPTS}"
    command = ["ssh", "-F", str(SSH_CONFIG), host, "python3", "-"]
    done = subprocess.run(command, input=program, capture_output=True, text=True, check=True, timeout=120)
    answer: list[Any] = json.loads(done.stdout)
    return answer


def members(on, host: str) -> dict[str, dict[str, Any]]:
    """The members of the host's cluster by name, as Patroni lists them."""
    listed = on(host).check_output("patronictl -c /etc/patroni/config.yml list -f json")
    return {member["Member"]: member for member in json.loads(listed)}


def ask(on, host: str, query: str) -> str:
    """The answer of the host's own PostgreSQL, asked as superuser."""
    return on(host).check_output("psql -U postgres -AtXc %s", query)


@pytest.fixture
def nodes(topology) -> list[str]:
    """The data center's database hosts."""
    return named(topology.data_center, "db")


@pytest.fixture
def far(topology) -> str:
    """The backup center's database host."""
    (name,) = named(topology.backup_center, "db")
    return name


@pytest.fixture
def primary(on, nodes) -> str:
    """The data center's primary."""
    (name,) = (name for name, member in members(on, nodes[0]).items() if member["Role"] == "Leader")
    return name


def test_one_node_serves_one_waits_and_the_backup_center_follows(on, nodes, far):
    here, there = members(on, nodes[0]), members(on, far)
    assert sorted(member["Role"] for member in here.values()) == ["Leader", "Sync Standby"]
    assert [member["Role"] for member in there.values()] == ["Standby Leader"]
    everybody = [*here.values(), *there.values()]
    assert {member["State"] for member in everybody} <= {"running", "streaming"}
    assert len({member["TL"] for member in everybody}) == 1


def test_a_commit_waits_for_the_other_node_and_not_for_the_backup_center(on, primary, nodes, far):
    rows = ask(
        on, primary, "SELECT application_name, state, sync_state FROM pg_stat_replication"
    ).splitlines()
    (other,) = set(nodes) - {primary}
    assert f"{other}|streaming|sync" in rows
    assert f"{far}|streaming|async" in rows
    assert ask(on, primary, "SHOW synchronous_commit") == "on"


def test_what_is_kept_for_the_backup_center_is_capped(on, primary, topology):
    slot = "SELECT slot_type, active, wal_status FROM pg_replication_slots WHERE slot_name = 'bc_cluster'"
    assert ask(on, primary, slot) == "physical|t|reserved"
    capped = int(topology.databases.log.slot_cap.base // MEBIBYTE)
    assert ask(on, primary, "SELECT setting FROM pg_settings WHERE name = 'max_slot_wal_keep_size'") == str(
        capped
    )


def test_the_backup_center_is_behind_by_less_than_its_rpo(on, topology, far):
    behind = "SELECT coalesce(extract(epoch FROM now() - last_msg_send_time), 1e9) FROM pg_stat_wal_receiver"
    assert float(ask(on, far, behind)) < topology.databases.backup_center.rpo.base
    assert ask(on, far, "SELECT pg_is_in_recovery()") == "t"


def test_every_page_has_a_checksum_and_every_password_is_scram(on, primary):
    assert ask(on, primary, "SHOW data_checksums") == "on"
    weak = "SELECT count(*) FROM pg_authid WHERE rolpassword IS NOT NULL AND rolpassword !~ '^SCRAM-SHA-256'"
    assert ask(on, primary, weak) == "0"
    remote = "SELECT DISTINCT type || ' ' || auth_method FROM pg_hba_file_rules WHERE type <> 'local'"
    assert set(ask(on, primary, remote).splitlines()) <= {"hostssl scram-sha-256", "hostssl cert"}


def test_every_city_has_its_databases_and_nobody_else_may_connect(on, primary, topology):
    owned = ask(on, primary, "SELECT datname, pg_get_userbyid(datdba) FROM pg_database").splitlines()
    assert {f"{database.name}|{database.name}" for database in databases(topology)} <= set(owned)
    public = "SELECT datname FROM pg_database WHERE datallowconn AND has_database_privilege('public', oid, 'CONNECT')"
    assert ask(on, primary, public) == ""
    mighty = (
        "SELECT rolname FROM pg_roles WHERE rolname ~ '_tax' AND (rolsuper OR rolcreaterole OR rolcreatedb)"
    )
    assert ask(on, primary, mighty) == ""


def test_one_citys_credentials_open_nothing_of_anothers(city_name, topology):
    """One row of the matrix: from the city's own terminal, its owners at every database of every city."""
    planned = databases(topology)
    own = [database.name for database in planned if database.city == city_name]
    wanted = [
        ({**owner(topology, user), "dbname": database.name}, ["SELECT current_database()"])
        for user in own
        for database in planned
    ]
    answers = attempts(f"{city_name}-pc1", wanted)
    for (options, _), answer in zip(wanted, answers, strict=True):
        if options["user"] == options["dbname"]:
            assert answer == options["dbname"]
        else:
            assert "refused" in answer
            assert "no pg_hba.conf entry" in answer


def test_a_wrong_password_and_plain_text_are_refused(topology):
    terminal, database = some_database(topology)
    options = owner(topology, database)
    wrong, plain, postgres = attempts(
        terminal,
        [
            ({**options, "password": "wrong"}, ["SELECT 1"]),
            ({**options, "sslmode": "disable"}, ["SELECT 1"]),
            ({**options, "user": "postgres", "dbname": "postgres"}, ["SELECT 1"]),
        ],
    )
    assert "password authentication failed" in wrong
    assert "no encryption" in plain
    assert "no pg_hba.conf entry" in postgres


def test_every_proxy_leads_to_the_primary(primary, topology):
    written = [
        "CREATE TEMP TABLE probe (a int)",
        "INSERT INTO probe VALUES (1)",
        "SELECT host(inet_server_addr())",
    ]
    terminal, database = some_database(topology)
    wanted = [({**owner(topology, database), "host": proxy}, written) for proxy in proxies(topology)]
    address = topology.host(primary).interface("lan-kikan").ip
    assert attempts(terminal, wanted) == [address] * len(wanted)


def test_all_voters_answer(on, topology):
    voters = with_role(topology.data_center, "db", "etcd")
    endpoints = ",".join(f"https://{host.interface(f'lan-{host.zone}').ip}:2379" for host in voters)
    files = "--cacert=authority.pem --cert=certificate.pem --key=key.pem"
    asked = (
        f"cd /etc/omi/pki/etcd && ETCDCTL_API=3 etcdctl --endpoints={endpoints} {files} endpoint health 2>&1"
    )
    answer = on(voters[-1].name).run(asked).stdout
    assert answer.count("is healthy") == len(voters)


def test_the_guard_stops_the_backup_center_from_serving_beside_the_data_center(on, nodes, far):
    assert on(far).run("database-guard promote").rc == 1
    for name in nodes:
        assert on(name).run("database-guard start").rc == 0
        assert on(name).service("database-guard").is_running


def test_secrets_on_disk_are_the_databases_alone(on, nodes, far):
    for name in (*nodes, far):
        for path in ("/etc/patroni/config.yml", "/etc/omi/pki/db/key.pem"):
            file = on(name).file(path)
            assert (file.user, file.mode) == ("postgres", 0o600)
