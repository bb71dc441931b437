"""Cases a person can work out on paper. One link of 8 Mbit/s carries 1 MB in one second."""

from __future__ import annotations

import pytest

from capacity.network import Scenario, run

MB = 1_000_000


def finishes(
    flows: list[dict], links: dict[str, float] | None = None, **parts: object
) -> dict[str, float | None]:
    """When each flow is done. Unless they say otherwise, flows of 1 MB start at 0 on a link of 8 Mbit/s."""
    scenario = Scenario.model_validate(
        {
            "links": [{"id": i, "capacity_bps": bps} for i, bps in (links or {"a": 8e6}).items()],
            "flows": [{"start_s": 0, "bytes": MB, "path": ["a"], **flow} for flow in flows],
            **parts,
        }
    )
    return {done.id: done.finish_s for done in run(scenario).completions}


def change(at_s: float, link: str, capacity_bps: float) -> dict:
    """A change of a link."""
    return {"at_s": at_s, "link": link, "capacity_bps": capacity_bps}


def test_a_flow_alone_has_the_link():
    assert finishes([{"id": "f"}]) == {"f": 1.0}


def test_two_flows_share_a_link_and_the_second_speeds_up_when_the_first_is_done():
    assert finishes([{"id": "f"}, {"id": "g", "bytes": 2 * MB}]) == {"f": 2.0, "g": 3.0}


def test_a_latecomer_slows_the_first():
    # f has sent half when g comes; the other half takes a second; g then has half left.
    assert finishes([{"id": "f"}, {"id": "g", "start_s": 0.5}]) == {"f": 1.5, "g": 2.0}


def test_weights_divide_a_link():
    # 6 and 2 Mbit/s, then 8.
    done = finishes([{"id": "f", "weight": 3}, {"id": "g"}])
    assert done == {"f": pytest.approx(4 / 3), "g": 2.0}


def test_what_a_limited_flow_leaves_goes_to_the_other():
    # 2 and 6 Mbit/s; g is done after 4/3 s; f goes on with 2.
    assert finishes([{"id": "f", "rate_limit_bps": 2e6}, {"id": "g"}]) == {
        "f": 4.0,
        "g": pytest.approx(4 / 3),
    }


def test_a_long_path_gets_the_share_of_its_tightest_link():
    # On a, f and g share 4 + 4; on b, f's 4 leave 16 of 20 to h.
    links = {"a": 8e6, "b": 20e6}
    done = finishes([{"id": "f", "path": ["a", "b"]}, {"id": "g"}, {"id": "h", "path": ["b"]}], links)
    assert done == {"f": 2.0, "g": 2.0, "h": 0.5}


def test_a_flow_waits_out_a_cut():
    changes = [change(0.5, "a", 0), change(2.5, "a", 8e6)]
    assert finishes([{"id": "f"}], changes=changes) == {"f": 3.0}


def test_a_flow_that_starts_during_a_cut_waits_too():
    changes = [change(0.5, "a", 0), change(2.5, "a", 8e6)]
    assert finishes([{"id": "f", "start_s": 1}], changes=changes) == {"f": 3.5}


def test_a_flow_on_a_link_that_stays_down_never_ends_and_the_others_do():
    links = {"a": 8e6, "b": 8e6}
    flows = [{"id": "f"}, {"id": "g", "path": ["b"]}]
    assert finishes(flows, links, changes=[change(0.5, "a", 0)]) == {"f": None, "g": 1.0}


def test_a_link_that_is_down_from_the_beginning_carries_nothing():
    assert finishes([{"id": "f"}], {"a": 0.0}) == {"f": None}


def test_a_changed_capacity_counts_from_its_time_on():
    assert finishes([{"id": "f"}], changes=[change(0.5, "a", 2e6)]) == {"f": 2.5}


DETOUR = {"id": "f", "alternatives": [["b"]]}
TWO = {"a": 8e6, "b": 4e6}


def test_a_cut_is_detected_before_the_alternative_is_taken():
    # Half is sent by 0.5 s, nothing until 0.8 s, the rest at 4 Mbit/s.
    assert finishes([DETOUR], TWO, changes=[change(0.5, "a", 0)], detection_s=0.3) == {
        "f": pytest.approx(1.8)
    }


def test_a_repaired_path_is_taken_again_once_it_has_been_up_for_the_detection_time():
    # 4 Mbit sent by 0.5; on b from 0.6; back on a from 0.9, with 4 - 0.3 * 4 = 2.8 Mbit left.
    changes = [change(0.5, "a", 0), change(0.8, "a", 8e6)]
    done = finishes([DETOUR], TWO, changes=changes, detection_s=0.1)
    assert done == {"f": pytest.approx(0.9 + 2.8 / 8)}


def test_a_cut_shorter_than_the_detection_time_is_not_noticed():
    changes = [change(0.5, "a", 0), change(0.7, "a", 8e6)]
    assert finishes([DETOUR], TWO, changes=changes, detection_s=0.3) == {"f": pytest.approx(1.2)}


def test_without_a_whole_alternative_a_flow_stays_and_waits():
    changes = [change(0.25, "b", 0), change(0.5, "a", 0), change(2.5, "a", 8e6)]
    assert finishes([DETOUR], TWO, changes=changes, detection_s=0.1) == {"f": 3.0}


def test_the_first_whole_alternative_is_taken():
    links = {"a": 8e6, "b": 8e6, "c": 2e6}
    flow = {"id": "f", "alternatives": [["b"], ["c"]]}
    changes = [change(0.25, "b", 0), change(0.5, "a", 0)]
    assert finishes([flow], links, changes=changes) == {"f": 2.5}


def test_a_flow_that_starts_after_a_cut_was_noticed_goes_round_at_once():
    assert finishes([{**DETOUR, "start_s": 1}], TWO, changes=[change(0.5, "a", 0)], detection_s=0.3) == {
        "f": 3.0
    }


def test_many_flows_at_one_instant_are_done_at_one_instant():
    done = finishes([{"id": f"f{i}", "path": ["a", f"b{i % 3}"]} for i in range(300)], dict(LINKS))
    assert list(done.values()) == [pytest.approx(300.0)] * 300


LINKS = [("a", 8e6), ("b0", 1e9), ("b1", 1e9), ("b2", 1e9)]


def test_no_flow_is_no_trouble():
    result = run(Scenario.model_validate({"links": [], "flows": []}))
    assert (result.completions, result.makespan_s) == ((), 0.0)


def test_mean_rate_and_makespan_are_those_of_the_completions():
    result = run(
        Scenario.model_validate(
            {
                "links": [{"id": "a", "capacity_bps": 8e6}],
                "flows": [
                    {"id": i, "start_s": s, "bytes": MB, "path": ["a"]} for i, s in (("f", 0), ("g", 4))
                ],
            }
        )
    )
    assert [done.mean_bps for done in result.completions] == [8e6, 8e6]
    assert result.makespan_s == 5.0


def test_a_small_flow_late_in_a_long_busy_period_is_exact():
    # A year of traffic before it, and it still ends to the last digit a clock of a year has.
    year = 365 * 86400.0
    done = finishes([{"id": "long", "bytes": 2 * MB * year}, {"id": "short", "start_s": year, "bytes": 1000}])
    assert done["short"] == pytest.approx(year + 0.002, rel=1e-15)
