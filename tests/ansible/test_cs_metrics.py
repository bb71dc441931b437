"""What the monitor hears of a CS server: whether it serves, and which city comes with an old certificate."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from inventory import cs_plan
from tests.ansible import readers

ROLES = Path(__file__).parents[2] / "ansible" / "roles"
CITIES = ["konan", "yasu"]
LONGEST = 20.0


def line(at: float, city: str, refused: str, status: int = 201) -> str:
    """A line of nginx as the journal gives it."""
    request = {"client": "10.5.16.21", "subject": f"CN={city},O={city}", "status": status, "refused": refused}
    return f"{at:.6f} dc-cs1 omi_cs[412]: {json.dumps(request)}\n"


@pytest.fixture(scope="module")
def program() -> dict[str, Any]:
    """The program's functions."""
    return readers.functions("cs")


def seen(program: dict[str, Any], *lines: str) -> tuple[dict[str, float], dict[str, float]]:
    """When each city was served and when refused, by these lines."""
    found = program["Seen"](CITIES)
    for one in lines:
        found.note(one)
    return found.served, found.expired


def test_a_city_is_served_and_later_refused(program: dict[str, Any]) -> None:
    served, expired = seen(program, line(100.5, "konan", ""), line(130, "konan", program["EXPIRED"], 403))
    assert served == {"konan": 100.5, "yasu": 0}
    assert expired == {"konan": 130, "yasu": 0}


@pytest.mark.parametrize(
    "other",
    [
        line(1, "otsu", ""),
        line(1, 'konan"} 9', ""),
        line(1, "konan", "a foreign certificate", 403),
        line(1, "", "no certificate", 403),
        "1.5 dc-cs1 omi_cs[412]: upstream timed out\n",
        "-- No entries --\n",
        '1.5 dc-cs1 omi_cs[412]: {"subject": null, "refused": ""}\n',
        '1.5 dc-cs1 omi_cs[412]: {"half": \n',
        "\n",
    ],
)
def test_what_is_not_a_declared_citys_request_makes_no_series(program: dict[str, Any], other: str) -> None:
    served, expired = seen(program, other)
    assert set(served.values()) | set(expired.values()) == {0}
    assert list(served) == list(expired) == CITIES


def test_what_is_written_is_what_the_rules_compare(program: dict[str, Any]) -> None:
    found = program["Seen"](CITIES)
    found.note(line(1764180000.25, "yasu", program["EXPIRED"]))
    text = program["text"](True, found)
    assert "# TYPE omi_cs_ready gauge\nomi_cs_ready 1\n" in text
    assert 'omi_cs_expired_seconds{city="yasu"} 1764180000.250\n' in text
    assert 'omi_cs_served_seconds{city="yasu"} 0\n' in text
    assert "omi_cs_ready 0\n" in program["text"](False, found)


def test_it_writes_until_the_journal_ends(tmp_path: Path) -> None:
    """A `journalctl` that says two lines and then dies: what it said is written, and the unit has to begin anew."""
    plan = {"check": "/bin/false", "tag": "omi_cs", "cities": CITIES}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    (tmp_path / "said").write_text(line(7, "konan", "") + line(9, "yasu", "an expired certificate"))
    journal = tmp_path / "journalctl"
    journal.write_text(f"#!/bin/sh\ncat {tmp_path}/said\nexec sleep 7\n")
    journal.chmod(journal.stat().st_mode | stat.S_IXUSR)
    file = tmp_path / "cs.prom"
    command = ["python3", str(readers.program("cs")), str(tmp_path / "plan.json"), str(file)]
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with subprocess.Popen(command, env=environment) as running:
        written = await_text(file, 'omi_cs_expired_seconds{city="yasu"} 9\n')
        assert 'omi_cs_served_seconds{city="konan"} 7\n' in written
        assert "omi_cs_ready 0\n" in written
        assert running.wait(LONGEST) == 1


def await_text(file: Path, wanted: str) -> str:
    """What is in ``file``, once ``wanted`` is, or after a while."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        text = file.read_text() if file.is_file() else ""
        if wanted in text:
            return text
        time.sleep(0.1)
    raise AssertionError(f"{file} never said {wanted}")


def test_the_words_are_the_servers_own(program: dict[str, Any]) -> None:
    """What is looked for in the journal is what nginx writes there, and what is asked is what keepalived asks."""
    role = ROLES / "cs_server"
    defaults = YAML(typ="safe").load(role / "defaults" / "main.yml")
    assert defaults["cs_server_check"] == cs_plan.CHECK
    assert defaults["cs_server_access_log"].endswith(f"tag={cs_plan.TAG}")
    assert f'"{program["EXPIRED"]}"' in (role / "templates/etc/nginx/nginx.conf.j2").read_text()
