"""The standard business system, from the cities' terminals through the proxies to each city's databases."""

from __future__ import annotations

import json
import shlex

import pytest

from inventory.business import PRINTING, STANDARD
from inventory.database_plan import with_role

pytestmark = pytest.mark.live

CITY = "/etc/omi/pki/city"
NAME = "試験\u3000辻\U000e0100\uf8f0"
"""A variation selector and a private-use character."""
KANA = "シケン ツジ"


def curl(on, host, method, url, body=None, key=None, certificate=CITY, headers=(), address=None):
    """Status and body of a request by ``host`` with one of its certificates; status 0 where TLS refuses."""
    words = ["curl", "--silent", "--max-time", "20", "--write-out", r"\n%{http_code}", "--request", method]
    words += ["--cacert", "/etc/omi/pki/authority.pem"]
    if address:
        words += ["--connect-to", f"::{address}:"]
    if certificate:
        words += ["--cert", f"{certificate}/certificate.pem", "--key", f"{certificate}/key.pem"]
    for header in (*headers, *([f"Idempotency-Key: {key}"] if key else [])):
        words += ["--header", header]
    if body is not None:
        words += ["--data-binary", json.dumps(body, ensure_ascii=False)]
    text, _, status = on(host).run(shlex.join([*words, url])).stdout.rpartition("\n")
    return int(status), text


def proxies(topology):
    return [
        proxy.name
        for site in (topology.data_center, topology.backup_center)
        for proxy in with_role(site, "proxy")
    ]


def applications(topology):
    return [
        app.name for site in (topology.data_center, topology.backup_center) for app in with_role(site, "app")
    ]


@pytest.fixture
def desk(city_name, topology):
    """The city's terminal in the kikan zone."""
    assert city_name in {city.name for city in topology.entitled(STANDARD)}
    assert city_name in {city.name for city in topology.entitled(PRINTING)}
    return next(h.name for h in topology.site(city_name).hosts if h.zone == "kikan")


def registered(on, desk, proxy):
    """The number of the one resident that these tests register in a city."""
    who = {"name": NAME, "kana": KANA, "born": "1950-04-01", "address": "試験", "since": "1980-04-01"}
    url = f"https://{proxy}/resident-records/residents"
    status, text = curl(on, desk, "POST", url, who, "tests-hosts-business")
    assert status in {200, 201}, text
    return json.loads(text)["number"]


def test_every_proxy_finds_every_application_host_up(topology, on):
    for proxy in proxies(topology):
        lines = on(proxy).check_output("omi-business-servers status").splitlines()
        assert {line.split()[0]: line.split()[1] for line in lines} == dict.fromkeys(
            applications(topology), "UP"
        )


def test_a_resident_comes_back_with_every_code_point(city_name, desk, topology, on):
    for proxy in proxies(topology):
        number = registered(on, desk, proxy)
        _, text = curl(on, desk, "GET", f"https://{proxy}/resident-records/residents/{number}")
        assert json.loads(text)["name"] == NAME, city_name


def test_a_request_sent_again_makes_nothing_twice(desk, topology, on):
    proxy = proxies(topology)[0]
    assert registered(on, desk, proxy) == registered(on, desk, proxy)


def test_a_certificate_is_in_the_citys_name(city_name, desk, topology, on):
    proxy = proxies(topology)[0]
    number = registered(on, desk, proxy)
    url = f"https://{proxy}/resident-records/residents/{number}/certificates"
    status, text = curl(on, desk, "POST", url, key="tests-hosts-certificate")
    assert status == 200
    assert f"{topology.site(city_name).title_ja}長" in text
    assert NAME in text


def test_the_certificate_decides_the_city_and_nothing_else(city_name, desk, topology, on):
    other = next(city.name for city in topology.cities if city.name != city_name)
    for header in (f"X-Omi-City: {other}", f"x_omi_city: {other}", f"X-Omi-Peer-Organization: {other}"):
        url = f"https://{proxies(topology)[0]}/?city={other}"
        status, text = curl(on, desk, "GET", url, headers=[header])
        assert (status, json.loads(text)["city"]) == (200, city_name)


def test_functions_are_as_declared(desk, topology, on):
    _, text = curl(on, desk, "GET", f"https://{proxies(topology)[0]}/")
    groups = json.loads(text)["groups"]
    assert sum(group["functions"] for group in groups) == 49
    assert [group["named"] for group in groups] == [list(g.named) for g in topology.standard_system.groups]


def test_without_a_certificate_there_is_no_answer(desk, topology, on):
    status, _ = curl(on, desk, "GET", f"https://{proxies(topology)[0]}/", certificate=None)
    assert status == 0


def test_an_application_host_answers_only_proxies(topology, on):
    """A proxy's certificate is needed; an application host's own is refused, whatever it claims."""
    city, proxy = topology.entitled(STANDARD)[0].name, proxies(topology)[0]
    for app in applications(topology):
        status, _ = curl(
            on,
            app,
            "GET",
            f"https://{app}:8000/",
            certificate="/etc/omi/pki/business",
            headers=[f"X-Omi-City: {city}", f"X_Omi_Peer_Name: {proxy}"],
            address=topology.host(app).interface("lan-kikan").ip,
        )
        assert status == 403
