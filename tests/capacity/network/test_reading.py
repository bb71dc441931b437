"""A scenario file is read whole or refused with every reason, word for word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from capacity.network import InvalidScenarioError, Scenario, load_scenario, run

GOLDEN = Path(__file__).parent / "golden"
LINK = {"id": "a", "capacity_bps": 1e6}
FLOW = {"id": "f", "start_s": 0, "bytes": 1000, "path": ["a"]}


def problems(tmp_path: Path, content: str | bytes) -> list[str]:
    """What a file with this content is refused for."""
    path = tmp_path / "s.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidScenarioError) as refused:
        load_scenario(path)
    return refused.value.problems


def scenario(**parts: object) -> str:
    """A scenario's text, right but for the ``parts`` given."""
    return json.dumps({"links": [LINK], "flows": [FLOW], **parts})


def test_a_right_file_gives_its_scenario(tmp_path):
    path = tmp_path / "s.json"
    path.write_text(
        scenario(
            flows=[{**FLOW, "weight": 2, "rate_limit_bps": None, "alternatives": [["a"]]}],
            changes=[{"at_s": 1, "link": "a", "capacity_bps": 0}],
            detection_s=0.3,
        )
    )
    loaded = load_scenario(path)
    assert loaded.links[0].capacity_bps == 1e6
    assert loaded.flows[0].alternatives == (("a",),)
    assert loaded.changes[0].capacity_bps == 0
    assert loaded.detection_s == 0.3


def test_every_mistake_of_a_file_is_reported_at_once():
    with pytest.raises(InvalidScenarioError) as refused:
        load_scenario(GOLDEN / "faulty.json")
    assert "\n".join(refused.value.problems) + "\n" == (GOLDEN / "faulty.txt").read_text()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "s.json:1:1: not JSON: Expecting value; correct it here"),
        ('{"links": [],\n "flows": [}', "s.json:2:12: not JSON: Expecting value; correct it here"),
        (b'{"links": "\xff"}', "s.json:1: byte 0xff is not UTF-8; save the file as UTF-8"),
        ("[" * 100_000, "s.json: nested too deeply; no scenario needs that"),
        ("[]", "s.json: $: a list of 0 is not allowed; give a scenario"),
        ("3", "s.json: $: 3 is not allowed; give a scenario"),
        (
            scenario(detection_s=int("9" * 400)),
            "s.json: $.detection_s: a number that is not finite is not allowed; give seconds from 0 to 1e12",
        ),
        (scenario(flows=3), "s.json: $.flows: 3 is not allowed; give a list of flows"),
        (
            scenario(flows=[{**FLOW, "rate limit\n": 1}]),
            's.json: $.flows[0]."rate limit\\n": unknown key; the keys here are id, start_s, bytes, path, '
            "weight, rate_limit_bps, alternatives",
        ),
    ],
)
def test_what_is_no_scenario_is_refused(tmp_path, content, message):
    assert problems(tmp_path, content) == [message]


def test_deep_nesting_that_json_still_allows_is_refused(tmp_path):
    assert problems(tmp_path, scenario(changes=json.loads("[" * 900 + "]" * 900)))[0].startswith(
        "s.json: $.changes[0]: a list of 1 is not allowed"
    )


def test_a_file_above_the_cap_is_not_even_read(tmp_path, monkeypatch):
    monkeypatch.setattr("capacity.network.reading.SIZE_CAP", 10)
    assert problems(tmp_path, " " * 11) == ["s.json: 11 bytes; a scenario may have 10"]


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(
        InvalidScenarioError, match=r"^nope\.json: cannot be read \(No such file or directory\)"
    ):
        load_scenario(tmp_path / "nope.json")
    with pytest.raises(InvalidScenarioError, match="not a regular file"):
        load_scenario(tmp_path)


def test_a_scenario_made_in_python_must_keep_the_rules_too():
    faulty = Scenario.model_validate({"links": [LINK], "flows": [{**FLOW, "path": ["b"]}]})
    with pytest.raises(
        InvalidScenarioError, match=r'scenario: \$\.flows\[0\]\.path\[0\]: there is no link "b"'
    ):
        run(faulty)
