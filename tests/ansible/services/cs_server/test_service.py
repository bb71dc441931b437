"""The CS server on loopback: who is let in, and that an accepted message is there once, and its own city's."""

from __future__ import annotations

import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROLES = Path(__file__).parents[4] / "ansible" / "roles"
SOURCE, SHARED = ROLES / "cs_server" / "files", ROLES / "web_service" / "files"


def line_of(service, log, **wanted):
    """The newest line in ``log`` with the ``wanted`` fields; nginx writes its own just after it has answered."""
    found = []

    def there():
        found[:] = [line for line in service.lines(log) if wanted.items() <= line.items()]
        return bool(found)

    service.wait_until(there, f"a line with {wanted}")
    return found[-1]


# --- messages ------------------------------------------------------------------------------------------------------


def test_an_accepted_message_is_in_its_citys_queue_until_it_is_acknowledged(service):
    assert service.post("konan", "a-1", "転入通知 髙橋").status == 201
    (message,) = service.ask("konan", "GET", "/messages").content["messages"]
    assert (message["id"], message["content"]) == ("a-1", "転入通知 髙橋")
    assert service.acknowledge("konan", "a-1").content == {"acknowledged": ["a-1"], "unknown": []}
    assert service.waiting("konan") == []


def test_a_message_that_is_sent_twice_is_there_once(service):
    assert service.post("konan", "b-1").status == 201
    assert service.post("konan", "b-1").status == 200
    assert service.waiting("konan") == ["b-1"]
    service.acknowledge("konan", "b-1")
    assert service.post("konan", "b-1").status == 200
    assert service.waiting("konan") == []


def test_an_identifier_names_one_message_for_good(service):
    service.post("konan", "c-1", "one")
    assert service.post("konan", "c-1", "another").status == 409
    (message,) = service.ask("konan", "GET", "/messages").content["messages"]
    assert message["content"] == "one"
    service.acknowledge("konan", "c-1")


def test_the_same_message_from_many_hands_at_once_is_accepted_once(service):
    with ThreadPoolExecutor(4) as hands:
        statuses = sorted(
            answer.status for answer in hands.map(lambda _: service.post("konan", "d-1"), range(12))
        )
    assert statuses == [200] * 11 + [201]
    assert service.acknowledge("konan", "d-1").content["acknowledged"] == ["d-1"]


def test_messages_leave_the_queue_in_the_order_in_which_they_came(service):
    names = [f"e-{number}" for number in (3, 1, 2)]
    for name in names:
        service.post("konan", name)
    assert service.waiting("konan") == names
    service.acknowledge("konan", *names)


def test_cities_may_use_the_same_identifier_and_see_only_their_own(service):
    assert service.post("konan", "f-1", "konan's").status == 201
    assert service.post("yasu", "f-1", "yasu's").status == 201
    (message,) = service.ask("yasu", "GET", "/messages").content["messages"]
    assert message["content"] == "yasu's"
    service.acknowledge("konan", "f-1")
    assert service.waiting("yasu") == ["f-1"]
    service.acknowledge("yasu", "f-1")


def test_a_city_cannot_acknowledge_another_citys_message(service):
    service.post("konan", "g-1")
    answer = service.acknowledge("yasu", "g-1", "never-was")
    assert answer.content == {"acknowledged": [], "unknown": ["g-1", "never-was"]}
    assert service.waiting("konan") == ["g-1"]
    service.acknowledge("konan", "g-1")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/messages", b"{", 400),
        ("POST", "/messages", b"[]", 400),
        ("POST", "/messages", b"[" * 100_000, 400),
        ("POST", "/messages", b'{"id": "h", "content": "\\u0000"}', 400),
        ("POST", "/messages", b'{"id": "h", "content": "\\ud800"}', 400),
        ("POST", "/messages", {"id": "h", "content": "x" * 65_537}, 400),
        ("POST", "/messages", {"id": "h\n", "content": ""}, 400),
        ("POST", "/messages", {"id": "h", "content": "", "city": "yasu"}, 400),
        ("POST", "/messages/acknowledge", {"ids": []}, 400),
        ("POST", "/messages/acknowledge", {"ids": [1]}, 400),
        ("GET", "/messages?city=yasu", None, 400),
        ("GET", "/messages?limit=0", None, 400),
        ("DELETE", "/messages", None, 404),
        ("GET", "/ready", None, 404),
    ],
)
def test_what_cannot_be_understood_is_refused_and_changes_nothing(service, method, path, body, status):
    assert service.ask("konan", method, path, body).status == status
    assert service.waiting("konan") == []


def test_all_that_is_wrong_is_said_at_once(service):
    answer = service.ask("konan", "POST", "/messages", {"id": "", "content": 1})
    assert len(answer.content["error"]) == 2


# --- who is let in -------------------------------------------------------------------------------------------------


def test_without_a_certificate_there_is_nothing_but_a_line(service):
    answer = service.post("konan", "i-1", card=None)
    assert (answer.status, answer.content) == (403, {"error": "no certificate"})
    assert line_of(service, "access", refused="no certificate")["client"] == "127.5.0.1"
    assert service.waiting("konan") == []


def test_an_expired_certificate_gets_nothing_and_leaves_a_line(service, authority):
    card = authority.issue("expired", "/O=konan/CN=konan", begins=-3, ends=-1)
    assert service.post("konan", "j-1", card=card).status == 403
    line = line_of(service, "access", refused="an expired certificate")
    assert (line["subject"], line["status"]) == ("O=konan,CN=konan", 403)
    assert line["serial"]
    assert service.waiting("konan") == []


def test_a_certificate_that_is_not_valid_yet_gets_nothing_and_leaves_a_line(service, authority):
    card = authority.issue("early", "/O=konan/CN=konan", begins=1, ends=3)
    assert service.post("konan", "k-1", card=card).status == 403
    assert line_of(service, "access", refused="a certificate that is not valid yet")["serial"]


def test_a_foreign_certificate_gets_nothing_and_leaves_a_line(service, foreign_authority):
    card = foreign_authority.issue("konan", "/O=konan/CN=konan")
    assert service.post("konan", "l-1", card=card).status == 403
    line = line_of(service, "access", refused="a foreign certificate")
    assert (line["subject"], line["client"]) == ("O=konan,CN=konan", "127.5.0.1")
    assert service.waiting("konan") == []


def test_a_servers_certificate_is_no_citys(service, authority):
    card = authority.issue("masquerade", "/O=konan/CN=konan", usage="serverAuth")
    assert service.post("konan", "m-1", card=card).status == 403
    assert (
        line_of(service, "access", refused="FAILED:unsuitable certificate purpose")["subject"]
        == "O=konan,CN=konan"
    )


def test_a_city_without_entitlement_gets_nothing_and_leaves_a_line(service):
    assert service.post("kusatsu", "n-1").status == 403
    line = line_of(service, "journal", event="refused", reason="kusatsu is not entitled")
    assert line["address"] == "127.1.0.1"
    assert line["serial"]


def test_a_citys_certificate_in_another_network_gets_nothing_and_leaves_a_line(service):
    assert service.post("konan", "o-1", address="127.4.0.9").status == 403
    assert line_of(service, "journal", event="refused", reason="konan's certificate, but not konan's network")
    assert service.waiting("konan") == []


@pytest.mark.parametrize(
    "subject", ["/CN=konan", "/O=konan/CN=yasu", "/O=konan,O=x/CN=konan", "/O=Konan/CN=Konan", "/O=*/CN=*"]
)
def test_a_subject_that_is_not_one_citys_gets_nothing(service, authority, subject):
    card = authority.issue(f"odd-{abs(hash(subject))}", subject)
    answer = service.post("konan", "p-1", card=card)
    assert (answer.status, answer.content) == (403, {"error": "not a city's certificate"})


@pytest.mark.parametrize("name", ["X-Client-Subject", "X_Client_Subject", "x-client_subject"])
def test_a_city_cannot_pass_for_another_by_a_header(service, name):
    assert service.post("kusatsu", "q-1", headers={name: "O=konan,CN=konan"}).status == 403
    service.post("yasu", "q-2", headers={name: "O=konan,CN=konan"})
    assert service.waiting("konan") == []
    service.acknowledge("yasu", "q-2")


# --- the database --------------------------------------------------------------------------------------------------


def test_what_was_done_is_in_the_citys_audit_log_with_the_certificate(service):
    service.post("konan", "r-1")
    service.post("konan", "r-1")
    service.post("konan", "r-1", "else")
    service.acknowledge("konan", "r-1")
    entries = service.ask("konan", "GET", "/audit?limit=4").content["entries"]
    assert [entry["event"] for entry in entries] == ["acknowledged", "contradicted", "repeated", "accepted"]
    assert {(entry["message"], entry["address"], entry["server"]) for entry in entries} == {
        ("r-1", "127.5.0.1", "dc-cs1")
    }
    assert all(entry["serial"] for entry in entries)
    assert "r-1" not in [
        entry["message"] for entry in service.ask("yasu", "GET", "/audit").content["entries"]
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cs.audit SET event = 'accepted'",
        "DELETE FROM cs.audit",
        "TRUNCATE cs.audit",
        "DELETE FROM cs.message",
        "UPDATE cs.message SET content = ''",
        "ALTER TABLE cs.audit DISABLE ROW LEVEL SECURITY",
        "DROP TABLE cs.audit",
        "SET ROLE shared_cs",
    ],
)
@pytest.mark.usefixtures("service")
def test_the_service_can_take_back_nothing_that_was_written(database, statement):
    answer = database.sql(f"SET cs.city = 'konan'; {statement}", user="shared_cs_app")
    assert "permission denied" in answer or "must be owner" in answer


def test_the_schema_is_brought_up_to_date_once(service):
    owner = {
        "PGUSER": "shared_cs",
        "PGPASSWORD": "-",
        "OMI_CS_SETTINGS": str(service.folder / "settings.json"),
        "PYTHONPATH": str(SHARED),
    }
    command = ["/usr/bin/python3", "-B", "-m", "omi_cs.schema"]
    said = [
        subprocess.run(command, cwd=SOURCE, env=owner, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert said == ["changed\n", "unchanged\n"]


def test_without_a_city_the_service_sees_and_writes_no_row(service, database):
    service.post("konan", "s-1")
    assert database.sql("SELECT count(*) FROM cs.message", user="shared_cs_app").strip() == "0"
    stranger = "SET cs.city = 'yasu'; INSERT INTO cs.message (city, id, content) VALUES ('konan', 's-2', '')"
    assert "row-level security" in database.sql(stranger, user="shared_cs_app")
    service.acknowledge("konan", "s-1")


def test_a_message_sent_while_the_database_restarts_is_accepted_by_the_next_one(service, database):
    database.stop()
    timer = threading.Timer(1, database.start)
    timer.start()
    answer = service.post("konan", "t-1")
    timer.join()
    assert answer.status == 201
    assert service.acknowledge("konan", "t-1").content["acknowledged"] == ["t-1"]


def test_without_a_database_nothing_is_accepted_and_the_service_still_says_that_it_is_there(
    service, database
):
    database.stop()
    ready = ["bash", str(service.folder / "ready")]
    with ThreadPoolExecutor(2 * 8) as hands:
        answers = [hands.submit(service.post, "konan", f"u-{number}") for number in range(16)]
        assert subprocess.run(ready, check=False).returncode == 0
        assert {answer.result().status for answer in answers} == {503}
    database.start()
    assert service.waiting("konan") == []
    assert service.post("konan", "u-1").status == 201
    service.acknowledge("konan", "u-1")


def test_a_service_that_is_stuck_is_not_ready_and_is_again_as_soon_as_it_goes_on(service):
    ready = lambda: subprocess.run(["bash", service.folder / "ready"], check=False).returncode == 0  # noqa: E731
    service.signal(signal.SIGSTOP)
    try:
        assert not ready()
    finally:
        service.signal(signal.SIGCONT)
    assert ready()
