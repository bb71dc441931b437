"""The CS servers as the cities' terminals meet them: at the shared address, with a line for whoever is refused."""

from __future__ import annotations

import json
import shlex
import uuid

import pytest

pytestmark = pytest.mark.live

CARD = "/etc/omi/pki/city"
UNITS = "omi-cs nginx keepalived"


@pytest.fixture
def ask(on, topology):
    """``ask(city, method, path, body)``: status and content, asked with the city's certificate on its terminal."""

    def curl(city, method, path, body=None, card=CARD, authority=CARD):
        host = next(h for h in topology.site(city).hosts if h.zone == topology.cs.zone)
        words = ["curl", "-sS", "-m", "15", "-X", method, "--cacert", f"{authority}/authority.pem"]
        words += ["--cert", f"{card}/certificate.pem", "--key", f"{card}/key.pem"] if card else []
        words += ["-d", json.dumps(body)] if body is not None else []
        words += ["-w", "\n%{http_code}", f"https://{topology.cs.name}:8443{path}"]
        answer = on(host.name).run(shlex.join(words))
        assert answer.rc == 0, answer.stderr
        content, _, status = answer.stdout.rpartition("\n")
        return int(status), json.loads(content)

    return curl


def line_since(on, topology, since, unit, *parts):
    """Whether one of the pair has written a line with all ``parts``."""
    logs = [on(name).run(f"journalctl {unit} --since @{since} -o cat").stdout for name in topology.cs.hosts]
    return any(all(part in line for part in parts) for log in logs for line in log.splitlines())


def now(on, topology):
    """Seconds since 1970, on the hosts."""
    return int(on(topology.cs.hosts[0]).run("date +%s").stdout)


def test_exactly_one_of_the_pair_has_the_address(on, topology):
    cards = {name: on(name).run("ip -br address show").stdout for name in topology.cs.hosts}
    assert sum(f"{topology.cs.address}/32" in shown for shown in cards.values()) == 1


def test_the_pair_is_ready(on, topology):
    for name in topology.cs.hosts:
        assert on(name).run("/usr/local/lib/omi/cs-ready").rc == 0
        assert on(name).run(f"systemctl is-active {UNITS}").stdout.split() == ["active"] * 3


def test_a_city_sends_a_message_once_and_takes_it_out(ask, city_name):
    name = f"live.{uuid.uuid4().hex}"
    message = {"id": name, "content": "転入通知"}
    assert ask(city_name, "POST", "/messages", message) == (201, {"id": name})
    assert ask(city_name, "POST", "/messages", message) == (200, {"id": name})
    status, answer = ask(city_name, "POST", "/messages/acknowledge", {"ids": [name]})
    assert (status, answer) == (200, {"acknowledged": [name], "unknown": []})


def test_a_city_sees_and_acknowledges_no_other_citys_message(ask, topology):
    one, other = [city.name for city in topology.cities if "juki" in city.services][:2]
    name = f"live.{uuid.uuid4().hex}"
    assert ask(one, "POST", "/messages", {"id": name, "content": ""})[0] == 201
    assert ask(other, "POST", "/messages/acknowledge", {"ids": [name]})[1]["unknown"] == [name]
    assert name not in json.dumps(ask(other, "GET", "/messages?limit=1000")[1])
    assert ask(one, "POST", "/messages/acknowledge", {"ids": [name]})[1]["acknowledged"] == [name]


def test_without_a_certificate_there_is_nothing_but_a_line(ask, on, topology):
    city, since = topology.cities[0], now(on, topology)
    assert ask(city.name, "GET", "/messages", card=None) == (403, {"error": "no certificate"})
    terminal = next(h for h in city.hosts if h.zone == topology.cs.zone)
    address = terminal.interface(f"lan-{topology.cs.zone}").ip
    assert line_since(on, topology, since, "-t omi_cs", address, "no certificate")


def test_a_foreign_certificate_gets_nothing_but_a_line(ask, on, topology):
    city, since = topology.cities[0].name, now(on, topology)
    terminal = next(h for h in topology.site(city).hosts if h.zone == topology.cs.zone).name
    folder = on(terminal).run("mktemp -d").stdout.strip()
    try:
        make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
        made = on(terminal).run(
            f"{make} -subj /O={city}/CN={city} -keyout {folder}/key.pem -out {folder}/certificate.pem"
        )
        assert made.rc == 0, made.stderr
        assert ask(city, "GET", "/messages", card=folder) == (403, {"error": "a foreign certificate"})
    finally:
        on(terminal).run(f"rm -r {folder}")
    assert line_since(on, topology, since, "-t omi_cs", "a foreign certificate", f"CN={city}")


def test_the_database_lets_go_of_what_a_dead_host_had_begun(on, topology):
    """Its locks would stand in the way of the same message, sent again to the other one."""
    program = (
        "from pathlib import Path; from omi_cs import database, settings;"
        "connection = database.connect(settings.read(Path('/etc/omi/cs/settings.json')));"
        "cursor = connection.cursor();"
        "cursor.execute('SHOW idle_in_transaction_session_timeout'); print(cursor.fetchone()[0])"
    )
    as_service = "systemd-run --quiet --pipe --collect --uid={user} --property=WorkingDirectory={place}"
    for name in topology.cs.hosts:
        shown = on(name).check_output("systemctl show --property=User,WorkingDirectory omi-cs.service")
        known = dict(line.split("=", 1) for line in shown.split())
        words = as_service.format(user=known["User"], place=known["WorkingDirectory"])
        said = on(name).check_output(f"{words} python3 -B -c {shlex.quote(program)}")
        assert said.strip() == "1s"
