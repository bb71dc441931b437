"""The authority's service and a host's renewal as they run: HAProxy, gunicorn and the programs, on loopback."""

from __future__ import annotations

import base64
import datetime
import http.client
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from tests.ansible.pki import certificates
from tests.ansible.pki_service import (
    AUTHORITY,
    CITY,
    DUE,
    FOREIGN,
    MISSING,
    NOW,
    SERVER,
    Running,
    folder,
    free_port,
    loaded,
    program,
    renew,
    running_service,
)

pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"apt-get install {' '.join(MISSING)} python3-cryptography"
)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """The service, for all tests here."""
    with running_service(tmp_path_factory.mktemp("ca")) as running:
        yield running


@pytest.fixture
def fresh(service):
    """The service with an empty log."""
    service.audit.unlink(missing_ok=True)
    service.denied.unlink(missing_ok=True)
    return service


@pytest.mark.parametrize("request_", [SERVER, CITY])
def test_what_is_due_is_renewed_with_its_names_and_its_key(fresh, tmp_path, request_) -> None:
    place = folder(tmp_path, "one", request_, DUE)
    old, private = loaded(place), (place / "key.pem").read_text()
    done = renew(tmp_path, fresh.url)
    assert (done.returncode, done.stderr) == (0, "")
    new = loaded(place)
    assert certificates.request_of(new) == certificates.request_of(old)
    assert certificates.validity(new)[1] > certificates.validity(old)[1] + datetime.timedelta(days=60)
    assert (place / "key.pem").read_text() == private
    assert (place / "bundle.pem").read_text() == private + (place / "certificate.pem").read_text()
    assert (place / "bundle.pem").stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in place.iterdir()) == [
        "authority.pem", "bundle.pem", "certificate.pem", "key.pem", "request.json"
    ]  # fmt: skip
    (entry,) = fresh.entries()
    assert (entry["event"], entry["from"]) == ("issued", "127.0.0.1")
    assert (entry["shown"], entry["serial"]) == (f"{old.serial_number:x}", f"{new.serial_number:x}")


def test_what_is_not_due_is_left_alone(fresh, tmp_path) -> None:
    place = folder(tmp_path, "one", SERVER, NOW)
    before = loaded(place)
    assert renew(tmp_path, fresh.url).returncode == 0
    assert loaded(place) == before
    assert fresh.entries() == []


@pytest.mark.parametrize(
    ("at", "by", "why"),
    [
        (DUE, FOREIGN, "not of this authority"),
        (NOW - datetime.timedelta(days=91), AUTHORITY, "the certificate holds from"),
    ],
)
def test_a_foreign_or_expired_certificate_is_refused_and_noted(fresh, tmp_path, at, by, why) -> None:
    place = folder(tmp_path, "one", SERVER, at, by)
    before = loaded(place)
    assert f"403 {why}" in renew(tmp_path, fresh.url).stderr.replace("the certificate is ", "")
    assert loaded(place) == before
    (entry,) = fresh.entries()
    assert (entry["event"], entry["status"], entry["subject"]) == ("refused", 403, "CN=dc-db1")
    assert why in entry["reason"]


def test_whoever_is_denied_gets_nothing_from_then_on(fresh, tmp_path) -> None:
    place = folder(tmp_path, "one", SERVER, DUE)
    fresh.denied.write_text(f"# lost\n{loaded(place).serial_number:x}\n")
    assert "403 the certificate is on the list" in renew(tmp_path, fresh.url).stderr


def post(service: Running, body: bytes, shown: Path | None, headers: dict[str, str]) -> tuple[int, str]:
    """Status and text of one request."""
    context = ssl.create_default_context(cadata=certificates.pem(AUTHORITY.certificate))
    if shown:
        context.load_cert_chain(shown / "certificate.pem", shown / "key.pem")
    connection = http.client.HTTPSConnection("127.0.0.1", service.port, timeout=20, context=context)
    connection.request("POST", "/renew", body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_nobody_is_somebody_else_by_a_header(fresh, tmp_path) -> None:
    place = folder(tmp_path, "one", SERVER, NOW)
    der = loaded(place).public_bytes(serialization.Encoding.DER)
    forged = {"X-Client-Certificate": base64.b64encode(der).decode(), "X-Forwarded-For": "10.0.16.13"}
    assert post(fresh, b"x", None, forged) == (403, "no certificate was shown\n")
    assert fresh.entries()[0]["from"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not a request", "the request cannot be read\n"),
        (b"x" * 16385, "the request must have 1 to 16384 bytes\n"),
        (b"", "the request must have 1 to 16384 bytes\n"),
    ],
)
def test_what_cannot_be_read_is_refused(fresh, tmp_path, body, reason) -> None:
    assert post(fresh, body, folder(tmp_path, "one", SERVER, NOW), {}) == (400, reason)
    assert [entry["status"] for entry in fresh.entries()] == [400]


def test_another_name_is_refused(fresh, tmp_path) -> None:
    place = folder(tmp_path, "one", SERVER, NOW)
    private = certificates.load((place / "key.pem").read_text(), None)[0]
    csr = certificates.signing_request(private, SERVER._replace(names=("dc-ca1",)))
    status, text = post(fresh, certificates.pem(csr).encode(), place, {})
    assert (status, text) == (400, "names or addresses are not those of the certificate\n")


def test_an_authority_that_is_away_is_an_alarm_only_when_it_is_urgent(tmp_path) -> None:
    away = f"https://127.0.0.1:{free_port()}/renew"
    place = folder(tmp_path / "calm", "one", SERVER, DUE)
    before = loaded(place)
    done = renew(tmp_path / "calm", away)
    assert (done.returncode, loaded(place)) == (0, before)
    assert "the next run tries again" in done.stderr
    folder(tmp_path / "urgent", "one", SERVER, NOW - datetime.timedelta(days=77))
    assert renew(tmp_path / "urgent", away).returncode == 1


def test_the_ends_are_there_to_be_seen(tmp_path) -> None:
    place = folder(tmp_path, "one", SERVER, NOW)
    assert renew(tmp_path, "").returncode == 0
    end = int(certificates.validity(loaded(place))[1].timestamp())
    rows = (tmp_path / "metrics/certificates.prom").read_text().splitlines()
    assert f'omi_certificate_not_after_seconds{{name="one"}} {end}' in rows
    assert any(row.startswith('omi_certificate_not_after_seconds{name="authority"} ') for row in rows)


@pytest.mark.parametrize(("age", "status"), [(0, 0), (75, 0), (77, 1), (91, 1)])
def test_the_check_ends_with_1_within_14_days(tmp_path, age, status) -> None:
    folder(tmp_path, "one", SERVER, NOW - datetime.timedelta(days=age))
    folder(tmp_path, "two", SERVER, NOW)
    done = program("certificate-check", tmp_path)
    assert done.returncode == status
    assert ("too soon: one" in done.stderr) == bool(status)
    assert "two" not in done.stderr
