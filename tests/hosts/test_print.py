"""Joint printing, from the cities' terminals to the printing firm's drop."""

from __future__ import annotations

import json
import time

import pytest

from inventory.database_plan import with_role

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("print")]

NOTICES = 25
FILE = "/run/omi-test-batch"


@pytest.fixture
def gateway(topology):
    """The host that takes batches from the cities."""
    (host,) = with_role(topology.data_center, "print")
    return host


@pytest.fixture
def drop(topology):
    """The printing firm's host, where batches arrive."""
    (host,) = with_role(topology.data_center, "drop")
    return host


def counts(on, host, name):
    """A host's own figures: state to city to batches and notices."""
    command = f"cd / && OMI_PRINT=/etc/omi/{name}.json PYTHONPATH=/opt/omi/{name} python3 -m omi_print.counts"
    return json.loads(on(host).check_output(command))


def of(figures, city):
    return figures.get(city, {"batches": 0, "notices": 0})


def test_a_batch_arrives_once_and_is_counted_for_its_city(city_name, drop, on):
    """Sent twice; and delivered, opened and counted once."""
    terminal = on(f"{city_name}-pc1")
    before = of(counts(on, drop.name, "drop")["accepted"], city_name)
    lines = f'for i in $(seq {NOTICES}); do echo "$i {city_name} {time.time_ns()} 辻\U000e0100\uf8f0"; done'
    terminal.check_output(f"{lines} > {FILE}")
    for _ in range(2):
        assert f"{NOTICES} notices" in terminal.check_output(f"omi-print-send {FILE}")
    wanted = {"batches": before["batches"] + 1, "notices": before["notices"] + NOTICES}
    deadline = time.monotonic() + 30
    while of(counts(on, drop.name, "drop")["accepted"], city_name) != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    sent_again = terminal.check_output(f"sleep 1; omi-print-send {FILE}; sha256sum {FILE}; rm {FILE}")
    assert "delivered" in sent_again
    digest = sent_again.split()[-2]
    there = f"/var/lib/omi-drop/accepted/{city_name}-{digest}"
    assert on(drop.name).check_output(f"sha256sum {there}").split()[0] == digest
    assert of(counts(on, drop.name, "drop")["accepted"], city_name) == wanted


def test_both_ends_count_alike(gateway, drop, on):
    assert counts(on, gateway.name, "print")["delivered"] == counts(on, drop.name, "drop")["accepted"]


def test_the_gateway_keeps_no_notices_and_no_private_key(gateway, on):
    host = on(gateway.name)
    assert (
        host.check_output("find /var/lib/omi-print/texts /var/lib/omi-print/sealed -type f ! -name '.*'")
        == ""
    )
    keys = host.check_output("gpg --homedir /var/lib/omi-print/gnupg --batch --list-secret-keys 2>/dev/null")
    assert keys == ""
    assert "PRIVATE" not in host.check_output("cat /etc/omi/print-firm.asc")


def test_a_city_sees_its_own_figures_only(city_name, gateway, on):
    command = "curl --silent --cacert {0}/authority.pem --cert {0}/certificate.pem --key {0}/key.pem {1}"
    url = f"https://{gateway.name}:8444/counts"
    own = on(f"{city_name}-pc1").check_output(command.format("/etc/omi/pki/city", url))
    assert list(json.loads(own)) == [city_name]


def test_the_drop_takes_nothing_but_from_the_gateway(drop, on):
    """It cannot be reached from a city at all; and its own certificate is not the gateway's."""
    address = drop.interface(f"lan-{drop.zone}").ip
    refused = on(drop.name).run(
        "curl --silent --output /dev/null --write-out '%{http_code}'"
        f" --connect-to {drop.name}:8445:{address}:8445 --cacert /etc/omi/pki/authority.pem"
        " --cert /etc/omi/pki/drop/certificate.pem --key /etc/omi/pki/drop/key.pem"
        f" https://{drop.name}:8445/counts"
    )
    assert refused.stdout == "403"
