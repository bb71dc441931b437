"""The business system on loopback: city's certificate, HAProxy, gunicorn, PostgreSQL, and back."""

from __future__ import annotations

import html
import ssl
import threading
import uuid

import pytest

from .conftest import CITIES, loopback, migrate

IVS = "辻\U000e0100井　\uf8f0"
"""A variation selector, a full-width space and a private-use character, as names have them."""
COMPATIBLE = "神\ufa19保"
"""U+FA19, which normalisation would turn into another character."""


def person(name: str = "近江　太郎", kana: str = "おうみ　たろう", **more: str) -> dict[str, str]:
    return {
        "name": name,
        "kana": kana,
        "born": "1950-04-01",
        "address": "大字三雲1番地",
        "since": "1980-04-01",
    } | more


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def register(client, **who: str) -> int:
    made = client.ask("POST", "/resident-records/residents", person(**who), key())
    assert made.status == 201, made.body.decode()
    return made.json()["number"]


def test_a_second_migration_does_nothing(settings, migrated):
    assert migrated.split() == [
        word
        for city in CITIES
        for word in (
            f"{city}_resident_records: 1-procedures",
            f"{city}_resident_records: 2-residents",
            f"{city}_tax: 1-procedures",
        )
        for word in word.split()
    ]
    assert migrate(settings) == ""


@pytest.mark.parametrize("name", [IVS, COMPATIBLE, "𠮷田 髙﨑", "か\u3099"])
def test_a_name_comes_back_code_point_by_code_point(city, name):
    number = register(city("konan"), name=name)
    there = city("konan").ask("GET", f"/resident-records/residents/{number}").json()
    assert there["name"] == name
    assert there["kana"] == "オウミ タロウ"


def test_a_resident_is_found_by_the_beginning_of_name_and_reading(city):
    number = register(city("konan"), name="辻\U000e0101　本100%", kana="ﾂｼﾞﾓﾄ")
    for query in (
        "name=%E8%BE%BB%E6%9C%AC100%25",
        "kana=%E3%81%A4%E3%81%98",
        "name=%E8%BE%BB&kana=%EF%BE%82",
    ):
        found = city("konan").ask("GET", f"/resident-records/residents?{query}").json()["residents"]
        assert number in [resident["number"] for resident in found], query
    assert city("konan").ask("GET", "/resident-records/residents?name=%25").json()["residents"] == []


def test_a_city_finds_nobody_of_another_city(city):
    register(city("konan"), name="湖南だけの人")
    query = "/resident-records/residents?name=%E6%B9%96%E5%8D%97%E3%81%A0%E3%81%91"
    assert city("konan").ask("GET", query).json()["residents"]
    for parameter in ("", "&city=konan", "&omi_city=konan"):
        assert city("kusatsu").ask("GET", query + parameter).json()["residents"] == []


@pytest.mark.parametrize("header", ["X-Omi-City", "x_omi_city", "X_OMI_CITY", "X-OMI-City", "X_Omi-City"])
def test_a_forged_header_changes_nothing(city, header):
    assert city("kusatsu").ask("GET", "/", headers={header: "konan"}).json()["city"] == "kusatsu"
    assert city("nowhere").ask("GET", "/", headers={header: "konan"}).status == 403


def test_a_city_that_is_not_entitled_is_refused_and_logged(city, applications):
    assert city("nowhere").ask("GET", "/").status == 403
    assert any("not entitled: 'nowhere'" in host.program.said() for host in applications)


def test_a_servers_certificate_is_no_citys(proxy, certificates):
    client = loopback.Client(proxy.port, certificates.file, certificates.folder / "dc-app1")
    assert client.ask("GET", "/").status == 403


def test_the_proxy_takes_no_foreign_certificate_and_none_at_all(proxy, certificates):
    for strange in (certificates.folder / "strange" / "konan", None):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            loopback.Client(proxy.port, certificates.file, strange).ask("GET", "/")


def test_an_application_believes_nobody_but_a_proxy(applications, certificates):
    """A city that could reach it, another host, and a stranger: none can say which city it is."""
    for name in ("konan", "dc-app2"):
        client = loopback.Client(applications[0].port, certificates.file, certificates.folder / name)
        assert client.ask("GET", "/", headers={"X-Omi-City": "kusatsu"}).status == 403
    strange = loopback.Client(
        applications[0].port, certificates.file, certificates.folder / "strange" / "konan"
    )
    with pytest.raises((ssl.SSLError, ConnectionError)):
        strange.ask("GET", "/ready")
    forged = {"X-Omi-City": "konan", "X_Omi_Peer-Name": "dc-proxy1", "X-Omi-Peer-Organization": ""}
    client = loopback.Client(applications[0].port, certificates.file, certificates.folder / "kusatsu")
    assert client.ask("GET", "/", headers=forged).status == 403
    trusted = loopback.Client(applications[0].port, certificates.file, certificates.folder / "dc-proxy1")
    assert trusted.ask("GET", "/", headers={"X-Omi-City": "kusatsu"}).json()["city"] == "kusatsu"


def test_everything_wrong_is_said_at_once(city):
    body = {"name": "a\x00\ud800", "kana": "Kanji", "born": "1950-02-30", "address": "", "city": "kusatsu"}
    answer = city("konan").ask("POST", "/resident-records/residents", body)
    assert answer.status == 400
    assert [line.partition(":")[0] for line in answer.json()["wrong"]] == [
        "Idempotency-Key",
        "city",
        "name",
        "kana",
        "born",
        "address",
        "since",
    ]


NO_OBJECTS = {
    "empty": b"",
    "list": b"[]",
    "cut": b"{",
    "binary": b"\xff",
    "null": b"null",
    "deep": b"[" * 50_000,
}


@pytest.mark.parametrize("body", NO_OBJECTS.values(), ids=NO_OBJECTS)
def test_a_body_that_is_no_object_is_refused(city, body):
    assert city("konan").ask("POST", "/resident-records/residents", body, key()).status == 400


def test_what_is_not_there_is_said(city):
    client = city("konan")
    assert client.ask("GET", "/nothing").status == 404
    assert client.ask("GET", f"/resident-records/residents/{2**63}").status == 404
    assert client.ask("GET", f"/resident-records/residents/{'9' * 3000}").status == 404
    assert client.ask("DELETE", "/resident-records/residents").status == 405
    assert client.ask("GET", "/resident-records/residents").status == 400
    assert client.ask("POST", "/resident-records/residents", b"x" * 70_000, key()).status == 413


def test_a_request_sent_again_makes_nothing_twice(city, database):
    client, once = city("konan"), key()
    who = person(name="一度だけの人")
    answers = [client.ask("POST", "/resident-records/residents", who, once) for _ in range(3)]
    assert [answer.status for answer in answers] == [201, 200, 200]
    assert len({answer.json()["number"] for answer in answers}) == 1
    count = database.sql(
        "SELECT count(*) FROM resident WHERE name = '一度だけの人'", "konan_resident_records"
    )
    assert count == "1"
    other = client.ask("POST", "/resident-records/residents", person(name="別の人"), once)
    assert other.status == 409


def test_a_request_on_its_way_many_times_at_once_makes_one(city, database):
    client, once, statuses = city("konan"), key(), []
    who = person(name="同時の人")

    def send() -> None:
        statuses.append(client.ask("POST", "/resident-records/residents", who, once).status)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 7 + [201]
    count = database.sql("SELECT count(*) FROM resident WHERE name = '同時の人'", "konan_resident_records")
    assert count == "1"


def test_a_certificate_is_a_page_in_the_citys_name(city):
    name = f"<b>&{IVS}"
    number = register(city("konan"), name=name)
    path, once = f"/resident-records/residents/{number}/certificates", key()
    first, again, other = (city("konan").ask("POST", path, headers=k) for k in (once, once, key()))
    text = first.body.decode()
    assert first.status == 200
    assert first.headers["Content-Type"] == "text/html; charset=utf-8"
    assert html.escape(name) in text
    assert "<b>" not in text
    assert "昭和25年4月1日" in text
    assert "湖南市長" in text
    assert again.body == first.body
    assert other.body != first.body
    assert (
        city("konan").ask("POST", "/resident-records/residents/999999/certificates", headers=key()).status
        == 404
    )


def test_each_groups_work_goes_to_its_own_database(city, database):
    body = {"function": "固定資産税", "applicant": "近江 花子"}
    made = city("kusatsu").ask("POST", "/tax/procedures", body, key())
    assert made.status == 201
    number = made.json()["number"]
    assert city("kusatsu").ask("GET", f"/tax/procedures/{number}").json()["applicant"] == "近江 花子"
    assert city("kusatsu").ask("GET", f"/resident-records/procedures/{number}").status == 404
    assert database.sql("SELECT count(*) FROM procedure WHERE applicant = '近江 花子'", "kusatsu_tax") == "1"
    assert city("kusatsu").ask("POST", "/tax/procedures", {"function": "住民基本台帳"}, {}).json()[
        "wrong"
    ] == [
        "function: there are 固定資産税",
        "applicant: write a text",
        "Idempotency-Key: send a header of 8 to 200 printable characters, new for each request",
    ]


def test_functions_are_counted_and_only_public_ones_named(city):
    groups = {group["path"]: group for group in city("konan").ask("GET", "/").json()["groups"]}
    assert groups["/tax"] == {"path": "/tax", "title": "税系", "functions": 12, "named": ["固定資産税"]}
    assert city("konan").ask("GET", "/tax").json() == groups["/tax"]
