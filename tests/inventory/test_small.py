"""The small declaration (tests/data/small): a whole cloud with two cities, and otherwise the repository's own."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from inventory.gaiji import load as gaiji
from inventory.gaiji import table
from inventory.load import default_declaration, load
from inventory.model import Cloud
from inventory.plan import plan
from inventory.topology import Site, Topology

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "data" / "small"

ONE_OF_EACH = {
    "dc": {
        **dict.fromkeys(("edge", "db", "cs"), 2),
        **dict.fromkeys(("app", "etcd", "proxy", "file", "print", "drop", "ca", "monitor"), 1),
        **dict.fromkeys(("desk", "broker", "profile"), 1),
    },
    "bc": {"edge": 1, "store": 2, "db": 1, "proxy": 1, "app": 1, "monitor": 1},
    "kusatsu": {"ce": 1, "pc": 2},
    "konan": {"ce": 1, "pc": 2},
}
"""Site to the hosts of each role: two where the rules ask for a pair, or where a role is in both zones."""
FOR_MANY = {"rolling-restart", "login-storm", "desktop-reconnect", "desktop-drain", "desktop-host-loss"}
"""Drills that take a second host of a kind, or more people than there are."""


@pytest.fixture(scope="module")
def small() -> Cloud:
    """The declaration."""
    return load(SMALL)


@pytest.fixture(scope="module")
def topology(small: Cloud) -> Topology:
    """Its plan."""
    return plan(small)


def roles(site: Site) -> Counter[str]:
    """How many hosts of each role a site has."""
    return Counter(host.role for host in site.hosts)


def test_it_has_thirty_hosts_one_of_each_kind_that_the_rules_let_alone(topology: Topology) -> None:
    assert {site.name: roles(site) for site in topology.sites} == ONE_OF_EACH
    assert len(list(topology.hosts())) == 30


def test_every_role_of_the_repositorys_own_cloud_is_there(topology: Topology) -> None:
    """The live tests look for each of them."""
    whole = plan(load())
    for mine, theirs in (
        (topology.data_center, whole.data_center),
        (topology.backup_center, whole.backup_center),
    ):
        assert set(roles(mine)) == set(roles(theirs))


def test_both_cities_are_entitled_to_every_service(topology: Topology) -> None:
    for service in ("standard", "juki", "gaiji", "print", "desktop"):
        assert [city.name for city in topology.entitled(service)] == ["kusatsu", "konan"]


def shared(cloud: Cloud) -> dict[str, Any]:
    """What of cloud.yaml does not depend on how many cities and hosts there are."""
    content = cloud.file.model_dump(mode="json", exclude={"title", "drills"})
    for center in ("data_center", "backup_center"):
        content[center]["hosts"] = [
            {key: value for key, value in group.items() if key != "count"}
            for group in content[center]["hosts"]
        ]
    return content


def test_all_else_is_word_by_word_the_repositorys_own(small: Cloud) -> None:
    """Quantities with their sources, openings, limits: so that what is tried at the desk is the cloud itself."""
    whole = load()
    assert shared(small) == shared(whole)
    theirs = {city.name: city for city in whole.cities}
    assert [theirs[city.name] for city in small.cities] == list(small.cities)


def test_its_drills_are_those_that_its_hosts_allow(small: Cloud) -> None:
    theirs = {drill.name: drill for drill in load().file.drills}
    mine = {drill.name: drill for drill in small.file.drills}
    assert set(theirs) - set(mine) == FOR_MANY
    assert [name for name, drill in mine.items() if drill != theirs[name]] == ["dc-loss"]
    written = 10 * len(small.cities) * small.file.databases.backup_center.rpo.base
    limits = dict(mine["dc-loss"].limits.given())
    assert limits.pop("rows_lost").base == written, "ten rows a second from each city, over what may be lost"
    assert limits == {name: limit for name, limit in theirs["dc-loss"].limits.given() if name != "rows_lost"}


def test_its_registers_are_the_two_cities_own_with_the_spellings_they_have() -> None:
    merged = gaiji.settled(gaiji.load(SMALL), SMALL)
    whole = gaiji.load()
    assert [register.city for register in merged.registers] == ["konan", "kusatsu"]
    assert merged.questions == ()
    assert merged.spellings == {
        place: text for place, text in whole.spellings.items() if place.city in ("konan", "kusatsu")
    }
    assert table.table(merged)["figures"], "some character has a shape of the cities' own, for the font"


def test_ansible_lists_its_hosts_and_no_other(topology: Topology) -> None:
    done = subprocess.run(
        ["ansible/inventory.py", "--list"],
        cwd=ROOT,
        env={**os.environ, "OMI_INVENTORY": str(SMALL)},
        capture_output=True,
        text=True,
        check=True,
    )
    listed = json.loads(done.stdout)
    assert set(listed["_meta"]["hostvars"]) == {host.name for host in topology.hosts()}
    assert listed["role_desk"]["hosts"] == ["dc-desk1"]
    assert listed["gaiji"]["vars"]["gaiji_table"]


def test_its_files_complete_by_the_repositorys_schemas() -> None:
    """The first line names the schema by which an editor completes; nothing else would notice a wrong path."""
    for file in (SMALL / "cloud.yaml", *sorted((SMALL / "cities").iterdir())):
        named = file.read_text().splitlines()[0].partition("$schema=")[2]
        assert (file.parent / named).resolve().parent == (ROOT / default_declaration() / "schema").resolve()
