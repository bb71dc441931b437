"""`omi status` on the running lab: it knows every area, and says the same to people and to programs."""

from __future__ import annotations

import json
import subprocess

import pytest

from omi.checkout import CHECKOUT
from omi.status import prometheus
from omi.status.facts import Facts
from omi.status.findings import AREAS, is_red

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("monitoring")]


def status(*words):
    """What `omi status` prints, and its exit status."""
    done = subprocess.run(
        ["omi", "status", *words], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done


@pytest.fixture(scope="module")
def told():
    """What a program is told, with the exit status."""
    return status("--json")


@pytest.fixture(scope="module")
def facts(told):
    """What a program is told."""
    return Facts.model_validate_json(told.stdout)


def test_the_monitors_answer(facts, topology):
    planned = [monitor.name for monitor in prometheus.monitors(topology)]
    assert [(one.name, one.problem) for one in facts.monitors] == [(name, None) for name in planned]
    assert facts.alerts is not None


def test_nothing_of_the_running_lab_is_unknown(facts):
    assert [one.site for one in facts.places if one.missing is None] == []
    assert [one for one in facts.lines if one.up is None] == []
    assert [one.host for one in facts.databases if one.role is None] == []
    assert [one.host for one in facts.stores if one.green is None] == []
    assert facts.certificates


def test_the_exit_status_is_the_pages_colour(told, facts, topology):
    assert (told.returncode == 1) is is_red(facts, topology.watching)


def test_both_pages_are_written(tmp_path):
    for language in ("en", "ja"):
        file = tmp_path / f"{language}.html"
        status("--html", "--lang", language, "-o", str(file))
        page = file.read_text()
        assert f'<html lang="{language}">' in page
        assert all(f'id="{area}"' in page for area in AREAS)


def test_what_a_program_reads_is_whole(facts):
    assert set(json.loads(facts.model_dump_json())) == set(Facts.model_fields)
