"""What the roles write on a host, held against golden files: a router's configuration is reviewed like code.

After a change that is meant: ``UPDATE_GOLDEN=1 pytest tests/ansible``, then read the difference.
"""

from __future__ import annotations

import json
import os
import re
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import pytest
from ruamel.yaml import YAML

ROLES = Path(__file__).parents[2] / "ansible" / "roles"
GOLDEN = Path(__file__).parent / "golden"
HOSTS = {
    "konan-pc1": ["base", "firewall", "gaiji"],
    "konan-ce1": ["base", "firewall", "router", "routing"],
    "dc-edge1": ["base", "metrics", "router", "routing"],
    "bc-edge1": ["router", "routing"],
    "dc-app1": ["base", "routing"],
    "bc-store1": ["metrics"],
    "dc-cs1": ["base", "cs_server", "firewall", "metrics"],
    "dc-db1": ["firewall"],
    "dc-proxy1": ["firewall"],
}


def yaml(path: Path) -> dict[str, Any]:
    """The mapping in a role's file; empty where the role has none."""
    content: dict[str, Any] = (path.is_file() and YAML(typ="safe").load(path)) or {}
    return content


def rendered(role: str, host: str, variables: dict[str, Any]) -> dict[str, str]:
    """Path on the host to content, of each of the role's templates, rendered as Ansible renders them."""
    folder = ROLES / role / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - configuration files, not pages
    )
    environment.filters["to_nice_json"] = partial(json.dumps, indent=4, sort_keys=True)
    environment.filters["regex_replace"] = lambda text, pattern, by: re.sub(pattern, by, text)
    known = {
        **yaml(ROLES / role / "defaults" / "main.yml"),
        **yaml(ROLES / role / "vars" / "main.yml"),
        **variables,
        "inventory_hostname": host,
        "lookup": lambda plugin, name: f"{plugin} {name}",
    }
    files: dict[str, str] = {}
    for source in sorted(folder.rglob("*.j2")):
        name = source.relative_to(folder).as_posix()
        for interface in known["interfaces"] if name.endswith("20-interface.network.j2") else [None]:
            target = name.removesuffix(".j2").replace("interface", interface["name"] if interface else "")
            files[target] = environment.get_template(name).render(**known, interface=interface)
    return files


@pytest.mark.parametrize(("host", "role"), [(host, role) for host, roles in HOSTS.items() for role in roles])
def test_files_are_as_reviewed(host: str, role: str, variables: dict[str, Any]) -> None:
    folder = GOLDEN / host / role
    files = rendered(role, host, variables[host])
    if os.environ.get("UPDATE_GOLDEN"):
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
    reviewed = {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}
    assert files == reviewed
