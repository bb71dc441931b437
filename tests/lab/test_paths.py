"""Where the lab lives, and which places it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.errors import LabError
from lab.paths import DEFAULT_ROOT, LabPaths


def test_the_lab_has_its_usual_place_unless_told_otherwise() -> None:
    assert LabPaths.from_environment({}).root == DEFAULT_ROOT
    assert LabPaths.from_environment({"OMI_LAB_DIR": ""}).root == DEFAULT_ROOT
    assert LabPaths.from_environment({"OMI_LAB_DIR": "/srv//two/"}).root == Path("/srv/two")


@pytest.mark.parametrize("value", ["lab", "../lab", "/", "/var", "/var/lib/..", "/srv/" + "x" * 80])
def test_a_place_that_cannot_work_or_must_not_be_removed_is_refused(value: str) -> None:
    with pytest.raises(LabError):
        LabPaths.from_environment({"OMI_LAB_DIR": value})


def test_two_labs_never_share_a_namespace() -> None:
    one, two = LabPaths(Path("/srv/one")), LabPaths(Path("/srv/two"))
    assert LabPaths(DEFAULT_ROOT).netns == "omi"
    assert len({one.netns, two.netns, "omi"}) == 3
    assert one.netns == LabPaths(Path("/srv/one")).netns


def test_every_place_of_the_lab_is_below_its_root() -> None:
    lab = LabPaths(Path("/srv/one"))
    places = [
        getattr(lab, name)
        for name, value in vars(LabPaths).items()
        if isinstance(value, property) and name not in {"netns", "netns_file", "cgroup"}
    ]
    assert len(places) > 10
    assert all(place.is_relative_to(lab.root) for place in places)
