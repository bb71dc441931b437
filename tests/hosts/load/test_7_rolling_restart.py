"""The business system anew, one application host after the other, while a clerk in every city goes on asking."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.load import load
from lab.paths import LabPaths
from omi.drill.clerks import at_work
from omi.drill.reach import Lab

pytestmark = [pytest.mark.live, pytest.mark.load]

ROOT = Path(__file__).parents[3]


def test_a_rolling_restart_fails_no_request(topology):
    lab = Lab(load(), topology, LabPaths.from_environment(), ROOT, print)
    with at_work(lab) as answers:
        lab.playbook("rolling-restart")
    assert {city: answer["failures"] for city, answer in answers.items()} == {city: [] for city in answers}
    assert all(answer["asked"] > 100 for answer in answers.values())
