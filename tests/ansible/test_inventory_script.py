"""The inventory script: groups, host variables, and how it ends when the declaration is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from inventory.load import default_declaration, load
from inventory.plan import plan

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "ansible" / "inventory.py"


def run(*arguments, **environment):
    """Run the script as Ansible does."""
    return subprocess.run(
        [SCRIPT, *arguments], capture_output=True, text=True, env={**os.environ, **environment}, check=False
    )


@pytest.fixture(scope="module")
def listed():
    answer = run("--list")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_every_planned_host_is_listed_with_its_variables(listed):
    hosts = {host.name for host in plan(load()).hosts()}
    assert set(listed["_meta"]["hostvars"]) == hosts
    assert {host for name, group in listed.items() if name != "_meta" for host in group["hosts"]} == hosts


def test_a_host_is_exactly_one_of_edge_city_edge_server_and_terminal(listed):
    parts = [set(listed[part]["hosts"]) for part in ("edges", "city_edges", "servers", "terminals")]
    assert sum(map(len, parts)) == len(set.union(*parts)) == len(listed["_meta"]["hostvars"])
    assert set(listed["routers"]["hosts"]) == parts[0] | parts[1]


def test_sites_and_roles_are_groups(listed):
    assert listed["site_konan"]["hosts"] == ["konan-ce1", "konan-pc1", "konan-pc2"]
    assert listed["role_edge"]["hosts"] == ["dc-edge1", "dc-edge2", "bc-edge1"]


def test_a_server_may_send_unheard_to_just_those_whom_its_edge_routers_can_tell_it_of(listed):
    of = listed["_meta"]["hostvars"]
    edges = [of[name] for name in listed["edges"]["hosts"]]
    for name in listed["servers"]["hosts"]:
        server = of[name]
        zones = [z for edge in edges if edge["site"] == server["site"] for z in edge["zones"]]
        told = {way["prefix"] for zone in zones if zone["name"] == server["zone"] for way in zone["remote"]}
        assert set(server["routing"]["elsewhere"]) == told != set(), name


def test_one_host_answers_as_in_the_list(listed):
    assert json.loads(run("--host", "dc-app1").stdout) == listed["_meta"]["hostvars"]["dc-app1"]


def test_another_declaration_is_read_from_the_environment(tmp_path):
    copy = shutil.copytree(default_declaration(), tmp_path / "other")
    (copy / "cities" / "koka.yaml").unlink()
    assert "site_koka" not in json.loads(run("--list", OMI_INVENTORY=str(copy)).stdout)


def test_a_wrong_declaration_ends_with_status_2_and_says_where(tmp_path):
    copy = shutil.copytree(default_declaration(), tmp_path / "other")
    (copy / "cities" / "koka.yaml").write_text("name: koka\nnumber: many\n")
    answer = run("--list", OMI_INVENTORY=str(copy))
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith(f"{copy}/cities/koka.yaml:")
    assert "Traceback" not in answer.stderr


def test_a_city_hears_of_no_other_city(variables):
    for host in ("konan-ce1", "konan-pc1", "konan-pc2"):
        assert "kusatsu" not in json.dumps(variables[host])
        assert "10.1." not in json.dumps(variables[host])


def test_a_newcomer_changes_nothing_at_a_city_that_is_in(script, two_cities):
    cloud = load()
    alone = plan(cloud.model_copy(update={"cities": tuple(c for c in cloud.cities if c.name == "konan")}))
    for name in ("konan-ce1", "konan-pc1", "konan-pc2"):
        assert script.host_variables(alone, alone.host(name)) == script.host_variables(
            two_cities, two_cities.host(name)
        )


def test_a_host_in_a_zone_knows_that_zone_only(variables):
    names = {entry["name"]: entry["address"] for entry in variables["konan-pc2"]["names"]}
    assert names["dc-file1"] == "10.0.32.21"
    assert "dc-app1" not in names
    assert all(address.split(".")[2] == "32" for address in names.values())


def test_a_router_forwards_between_parts_of_one_zone(variables):
    kikan, joho = variables["dc-edge1"]["zones"]
    assert (kikan["prefix"], joho["prefix"]) == ("10.0.16.0/20", "10.0.32.0/20")
    assert {part["prefix"] for part in kikan["remote"]} == {"10.1.16.0/20", "10.5.16.0/20", "10.255.16.0/20"}
    assert {part["interface"] for part in kikan["remote"]} == {"c1l1", "c5l1", "repl1"}


def test_a_rated_interface_has_one_class_for_what_no_port_claims(variables):
    for host in variables.values():
        for interface in host["interfaces"]:
            defaults = [c for c in interface["classes"] if c["default"]]
            assert len(defaults) == (1 if interface["rate_bps"] else 0)
