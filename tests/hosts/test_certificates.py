"""The certificates of the running hosts, and the authority that renews them, over the real wire."""

from __future__ import annotations

import json

import pytest

from inventory.database_plan import with_role
from tests.hosts.observation import PKI

pytestmark = pytest.mark.live

MODES = {"key.pem": "600", "bundle.pem": "600"}
DEBIAN = "/etc/ssl/private/ssl-cert-snakeoil.key"
"""Made by a package for itself and used by nothing here."""
RENEW = "CERTIFICATE_AUTHORITY=https://{}:9443/renew certificate-renew --force city"
SHOW = f"openssl x509 -in {PKI}/city/certificate.pem -noout -subject -ext extendedKeyUsage,basicConstraints"
AUDIT = "/var/log/certificate-authority/audit.log"


@pytest.fixture(scope="module")
def survey(seen):
    """``survey(host, kind)``: the rows of that kind, each as its words."""

    def rows(host, kind):
        found = [line.split() for line in seen(host)["certificates"].splitlines()]
        return [row[1:] for row in found if row[0] == kind]

    return rows


def test_every_host_knows_whom_to_trust(any_host, survey):
    assert survey(any_host, "trusted") == [["644", "root"]]


def test_every_certificate_verifies_and_belongs_to_its_key(any_host, survey):
    assert [row for row in survey(any_host, "verify") if row[-1] != "OK"] == []
    for _, of_certificate, _, of_key, _ in survey(any_host, "pair"):
        assert of_certificate == of_key


def test_keys_are_closed_and_nowhere_else(any_host, survey):
    modes = {row[0]: row[1] for row in survey(any_host, "mode")}
    wrong = {path: mode for path, mode in modes.items() if mode != MODES.get(path.rsplit("/", 1)[1], "644")}
    assert wrong == {}
    keys = {row[0] for row in survey(any_host, "key")} - {DEBIAN}
    assert keys == {path for path in modes if path.endswith(("/key.pem", "/bundle.pem"))}


def test_whoever_has_a_certificate_renews_it(any_host, survey):
    has_one = bool(survey(any_host, "verify"))
    assert survey(any_host, "timer") == [["active" if has_one else "inactive"]]
    if has_one:
        assert survey(any_host, "checked") == [["0"]]


@pytest.fixture
def authority(topology):
    """The host of the authority."""
    (host,) = with_role(topology.data_center, "ca")
    return host.name


def test_a_city_renews_its_certificate_and_stays_itself(city_name, authority, on):
    terminal = on(f"{city_name}-pc1")
    before, key = terminal.check_output(SHOW), terminal.check_output(f"sha256sum {PKI}/city/key.pem")
    serial = terminal.check_output(f"openssl x509 -in {PKI}/city/certificate.pem -noout -serial")
    assert f"O = {city_name}, CN = {city_name}" in before
    assert "TLS Web Client Authentication" in before
    done = terminal.run(RENEW.format(authority))
    assert (done.rc, done.stderr) == (0, "")
    assert terminal.check_output(SHOW) == before
    assert terminal.check_output(f"sha256sum {PKI}/city/key.pem") == key
    assert terminal.check_output(f"openssl x509 -in {PKI}/city/certificate.pem -noout -serial") != serial
    shown = serial.removeprefix("serial=").lower().lstrip("0")
    entries = [json.loads(line) for line in on(authority).check_output(f"tail -n 40 {AUDIT}").splitlines()]
    assert [entry["event"] for entry in entries if entry.get("shown") == shown] == ["issued"]


def test_a_certificate_of_another_authority_is_refused_and_noted(authority, topology, on):
    """Somebody's own certificate with a city's name in it."""
    city = topology.cities[0].name
    script = f"""
    place=$(mktemp -d) && cd $place || exit
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out own \\
      -subj /O={city}/CN={city} 2>/dev/null
    openssl req -new -key key -subj /O={city}/CN={city} -out csr
    openssl x509 -in own -noout -serial
    curl -sS -m 20 --cacert {PKI}/authority.pem --cert own --key key --data-binary @csr \\
      -w '%{{http_code}}\n' https://{authority}:9443/renew
    rm -r $place
    """
    serial, reason, status = on(f"{city}-pc1").check_output(script).splitlines()
    assert (status, reason) == ("403", "the certificate is not of this authority")
    shown = serial.removeprefix("serial=").lower().lstrip("0")
    log = on(authority).check_output(f"tail -n 40 {AUDIT}").splitlines()
    (entry,) = [entry for entry in map(json.loads, log) if entry.get("shown") == shown]
    assert (entry["event"], entry["status"], entry["subject"]) == ("refused", 403, f"CN={city},O={city}")


def test_the_authoritys_key_is_on_its_host_in_no_readable_form(authority, on):
    host = on(authority)
    unit = host.check_output("systemctl cat certificate-authority.service")
    assert "LoadCredentialEncrypted=authority_key:/etc/credstore.encrypted/authority_key." in unit
    assert host.run("grep -rls 'PRIVATE KEY' /etc/credstore.encrypted").stdout == ""
    assert host.check_output("stat -c %a /var/lib/systemd/credential.secret") == "400"
