"""The module ``certificate`` as a host runs it, and the action of that name in a playbook."""

from __future__ import annotations

import datetime
import getpass
import grp
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from lab.vault import new_authority
from tests.ansible.conftest import ROOT
from tests.ansible.pki import certificates, signing

OWNER = {"owner": getpass.getuser(), "group": grp.getgrgid(os.getgid()).gr_name}
TRUSTED = ("authority_certificate", "authority_next_certificate", "authority_previous_certificate")
REQUEST = {
    "name": "db",
    "names": ["dc-db1", "dc-proxy1"],
    "addresses": ["10.0.16.13"],
    "usage": "both",
    "subject": {"common_name": "dc-db1"},
    **OWNER,
}


def host(address: str) -> dict[str, Any]:
    """Variables as the inventory script gives them."""
    return {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "site": "dc",
        "interfaces": [{"name": "lan-kikan", "address": f"{address}/20"}],
        "management": {"address": address.replace("10.0.16", "10.0.240")},
    }


MODULE = f"""
import runpy, ansible.module_utils as shared
shared.__path__.append({str(ROOT / "ansible" / "module_utils")!r})
runpy.run_path({str(ROOT / "ansible" / "library" / "certificate.py")!r}, run_name="__main__")
"""
"""The module with its shared code where Ansible would have packed it."""


class Play:
    """A vault and a host's folder; the module runs as on a host, and what it asks for is signed here."""

    def __init__(self, place: Path) -> None:
        self.place, self.root = place, place / "pki"
        self.vault: dict[str, str] = {"master": "00" * 32}
        self.vault["authority_certificate"], self.vault["authority_key"] = new_authority()

    def module(self, request: dict[str, Any], certificate: str | None, check: bool) -> dict[str, Any]:
        """The module's own answer."""
        arguments = {
            "root": str(self.root),
            "request": {**request, "reload": []},
            "authority": "".join(self.vault.get(entry, "") for entry in TRUSTED),
            "certificate": certificate,
            "_ansible_check_mode": check,
            "_ansible_remote_tmp": str(self.place / "tmp"),
            "_ansible_keep_remote_files": False,
        }
        given = json.dumps({"ANSIBLE_MODULE_ARGS": arguments})
        command = [sys.executable, "-c", MODULE]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def run(self, request: dict[str, Any], check: bool = False) -> dict[str, Any]:
        """The module, and once more with what has been signed for it."""
        answer = self.module(request, None, check)
        if not answer["reason"] or check:
            return answer
        key, certificate = certificates.load(self.vault["authority_key"], self.vault["authority_certificate"])
        csr = x509.load_pem_x509_csr(answer["csr"].encode())
        now = datetime.datetime.now(datetime.UTC)
        wanted = certificates.request_from(request)
        signed = signing.issue(csr, wanted, signing.Authority(certificate, key), now)
        return {**self.module(request, certificates.pem(signed), check), "reason": answer["reason"]}

    def text(self, name: str) -> str:
        return (self.root / "db" / name).read_text()

    def certificate(self) -> Any:
        return certificates.load(None, self.text("certificate.pem"))[1]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(tmp_path)


def test_a_host_gets_a_certificate_for_a_key_of_its_own_and_then_nothing_changes(play: Play) -> None:
    first = play.run(REQUEST)
    assert (first["changed"], first["reason"]) == (True, "there is no certificate")
    asked = certificates.request_from(REQUEST)
    assert not certificates.differs(play.certificate(), asked)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (play.root / "db").iterdir()}
    assert modes == {
        "key.pem": 0o600,
        "bundle.pem": 0o600,
        "certificate.pem": 0o644,
        "authority.pem": 0o644,
        "request.json": 0o644,
    }
    assert play.text("bundle.pem") == play.text("key.pem") + play.text("certificate.pem")
    assert play.text("authority.pem") == play.vault["authority_certificate"]
    before = play.text("certificate.pem")
    assert play.run(REQUEST)["changed"] is False
    assert play.text("certificate.pem") == before


def test_other_names_are_another_certificate_for_the_same_key(play: Play) -> None:
    play.run(REQUEST)
    key = play.text("key.pem")
    assert play.run({**REQUEST, "names": ["dc-db1"]})["reason"] == "what it is for has changed"
    assert certificates.request_of(play.certificate()).names == ("dc-db1",)
    assert play.text("key.pem") == key


def test_a_lost_key_is_a_new_certificate(play: Play) -> None:
    play.run(REQUEST)
    (play.root / "db" / "key.pem").unlink()
    assert play.run(REQUEST)["reason"] == "the key is new"
    assert play.run(REQUEST)["changed"] is False


def test_a_mode_that_was_opened_is_closed_and_a_cut_run_made_good(play: Play) -> None:
    play.run(REQUEST)
    (play.root / "db" / "key.pem").chmod(0o644)
    assert [Path(p).name for p in play.run(REQUEST)["changed_paths"]] == ["key.pem"]
    assert (play.root / "db" / "key.pem").stat().st_mode & 0o777 == 0o600
    (play.root / "db" / ".pending").touch()
    assert [Path(p).name for p in play.run(REQUEST)["changed_paths"]] == [".pending"]
    assert play.run(REQUEST)["changed"] is False


def test_check_says_what_would_change_and_changes_nothing(play: Play) -> None:
    answer = play.run(REQUEST, check=True)
    assert (answer["changed"], answer["reason"]) == (True, "there is no certificate")
    assert not play.root.exists()


def _includes(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every task and every entry of `roles` that brings in role `certificate`, those in blocks too."""
    found = []
    for task in tasks:
        for part in ("block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers"):
            found += _includes(task.get(part) or [])
        found += _includes(
            [role if isinstance(role, dict) else {"role": role} for role in task.get("roles") or []]
        )
        included = task.get("ansible.builtin.include_role") or task.get("ansible.builtin.import_role") or {}
        if "certificate" in (included.get("name"), task.get("role")):
            found.append(task)
    return found


def test_whoever_brings_in_the_role_says_which_certificate() -> None:
    files = [*(ROOT / "ansible").glob("*.yml"), *(ROOT / "ansible/roles").glob("*/tasks/*.yml")]
    including = [task for file in files for task in _includes(yaml.safe_load(file.read_text()) or [])]
    assert len(including) > 10
    assert [task for task in including if "certificate" not in task.get("vars", {})] == []


def test_what_every_host_trusts_is_what_each_certificate_is_kept_with() -> None:
    base = yaml.safe_load((ROOT / "ansible/roles/base/vars/main.yml").read_text())
    assert re.findall(r"vault:(\w+)", base["base_trusted"]) == list(TRUSTED)


def test_the_authority_is_replaced_in_three_runs_and_trust_is_never_lost(play: Play) -> None:
    play.run(REQUEST)
    old, first = play.vault["authority_certificate"], play.text("certificate.pem")
    new, key = new_authority()

    play.vault["authority_next_certificate"] = new
    assert play.run(REQUEST)["reason"] == ""
    assert (play.text("authority.pem"), play.text("certificate.pem")) == (old + new, first)

    del play.vault["authority_next_certificate"]
    play.vault |= {"authority_certificate": new, "authority_key": key, "authority_previous_certificate": old}
    assert play.run(REQUEST)["reason"] == "the authority has changed"
    assert play.text("authority.pem") == new + old
    assert certificates.issued_by(play.certificate(), certificates.load(None, new)[1])

    del play.vault["authority_previous_certificate"]
    assert play.run(REQUEST)["reason"] == ""
    assert play.text("authority.pem") == new


def test_a_playbook_signs_what_a_host_may_have_refuses_the_rest_and_shows_no_key(play: Play) -> None:
    """With everything that Ansible can be made to print."""
    others = {**REQUEST, "name": "no", "names": ["dc-app1", "*"], "addresses": ["10.0.16.11"]}
    options = {"root": str(play.root), "stands_for": {"db": ["proxy"]}}
    tasks = [
        {"certificate": {**options, "request": others}, "register": "refused", "ignore_errors": True},
        {"certificate": {**options, "request": REQUEST}, "register": "given"},
        {"certificate": {**options, "request": REQUEST}, "register": "again"},
        {"copy": {"dest": str(play.place / "found"), "content": "{{ [refused, given, again] | to_json }}"}},
    ]
    written = {
        "play.yml": [{"hosts": "dc-db1", "gather_facts": False, "tasks": tasks}],
        "vault.yml": play.vault,
        "hosts.yml": {
            "role_db": {"hosts": {"dc-db1": host("10.0.16.13")}},
            "role_proxy": {"hosts": {"dc-proxy1": host("10.0.16.17")}},
            "role_app": {"hosts": {"dc-app1": host("10.0.16.11")}},
        },
    }
    for name, content in written.items():
        (play.place / name).write_text(yaml.safe_dump(content))
    environment = {
        **{n: v for n, v in os.environ.items() if not n.startswith(("ANSIBLE_", "OMI_"))},
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_INVENTORY_ENABLED": "yaml",
        "ANSIBLE_HOME": str(play.place / "ansible"),
        "OMI_VAULT": str(play.place / "vault.yml"),
    }
    program = Path(sys.prefix) / "bin" / "ansible-playbook"
    done = subprocess.run(
        [program, "-vvvv", "-i", play.place / "hosts.yml", play.place / "play.yml"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    refused, given, again = json.loads((play.place / "found").read_text())
    for part in ("'*' is no host name", "'dc-app1' is another host's", "'10.0.16.11' is that of dc-app1"):
        assert part in refused["msg"]
    assert not (play.root / "no").exists()
    assert (given["changed"], given["reason"]) == (True, "there is no certificate")
    assert not certificates.differs(play.certificate(), certificates.request_from(REQUEST))
    assert again["changed"] is False
    assert "PRIVATE KEY" not in done.stdout + done.stderr
