"""The business system anew, one application host after the other, while a clerk in every city goes on asking."""

from __future__ import annotations

import pytest

from inventory.database_plan import with_role
from omi.drill.clerks import at_work

pytestmark = [pytest.mark.live, pytest.mark.load]


def test_a_rolling_restart_fails_no_request(lab):
    if len(with_role(lab.topology.data_center, "app")) < 2:
        pytest.skip("one application host: nobody answers in its place")
    with at_work(lab) as answers:
        lab.playbook("rolling-restart")
    assert {city: answer["failures"] for city, answer in answers.items()} == {city: [] for city in answers}
    assert all(answer["asked"] > 100 for answer in answers.values())
