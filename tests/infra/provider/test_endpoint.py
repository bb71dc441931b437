"""The provider's own configuration."""

from __future__ import annotations

import pytest
from pulumi.runtime.rpc import UNKNOWN

from infra.provider.endpoint import check, parse, tls
from infra.provider.errors import ProviderError

TLS = {"client_certificate": "c.pem", "client_key": "k.pem"}


def faults_of(**config):
    return [str(fault) for fault in check(config)]


def test_a_socket_and_a_url_are_fine():
    assert faults_of(endpoint="/run/incus/unix.socket") == []
    assert faults_of(endpoint="https://konan.example:8443", **TLS) == []
    assert faults_of(endpoint="https://[fd00::1]:8443/", **TLS, project="konan") == []


def test_what_a_preview_does_not_know_is_fine():
    assert faults_of(endpoint=UNKNOWN) == []
    assert (
        faults_of(endpoint="https://konan.example:8443", client_certificate=UNKNOWN, client_key=UNKNOWN) == []
    )


def test_without_an_endpoint_nothing_is_guessed():
    assert faults_of() == ["endpoint: is missing; give the path of a unix socket or an https:// URL"]


@pytest.mark.parametrize(
    "address",
    ["unix.socket", "http://konan:8443", "https://", "https://konan/1.0", "https://me@konan", "ssh://konan"],
)
def test_another_form_of_address_is_refused(address):
    (fault,) = faults_of(endpoint=address, **(TLS if address.startswith("https") else {}))
    assert "must be the absolute path of a unix socket or a URL like" in fault


def test_https_needs_the_clients_certificate_and_key():
    assert [fault.split(":")[0] for fault in faults_of(endpoint="https://konan:8443")] == [
        "client_certificate",
        "client_key",
    ]


def test_certificates_mean_nothing_to_a_socket():
    assert [fault.split(":")[0] for fault in faults_of(endpoint="/run/unix.socket", **TLS)] == list(TLS)


def test_pem_is_text_or_a_file(tmp_path):
    text = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"
    (tmp_path / "c.pem").write_text(text)
    (tmp_path / "k.pem").write_text("key")
    where = parse(
        {"endpoint": "https://k:1/", "client_certificate": text, "client_key": str(tmp_path / "k.pem")}
    )
    assert (where.address, where.project) == ("https://k:1", "default")
    assert (where.client_certificate, where.client_key) == (text, "key")
    assert "key=" not in repr(where)


def test_a_pem_file_that_is_not_there_is_told_without_the_value():
    with pytest.raises(ProviderError, match="client_key is neither PEM text nor the path") as raised:
        parse({"endpoint": "https://k:1", "client_certificate": "-----BEGIN", "client_key": "s3cret"})
    assert "s3cret" not in str(raised.value)


def test_unusable_pem_is_told():
    text = "-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----\n"
    where = parse({"endpoint": "https://k:1", "client_certificate": text, "client_key": text})
    with pytest.raises(ProviderError, match="the certificates for https://k:1 cannot be used"):
        tls(where)
