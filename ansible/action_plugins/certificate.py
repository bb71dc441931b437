"""Ansible action: have a host's certificate signed on the controller. The host's half is the module of this name."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import lookup_loader

sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in ("module_utils", "pki")]

from certificates import load, pem, request_from  # noqa: E402
from cryptography import x509  # noqa: E402
from signing import Authority, Neighbour, faults, issue, trespasses  # noqa: E402

TRUSTED = ("authority_certificate", "authority_next_certificate", "authority_previous_certificate")
"""Entries of the vault: who signs, and who is trusted besides while the authority is being replaced."""


class ActionModule(ActionBase):
    """The authority's key is read here, used here and goes nowhere: neither into arguments nor to a host."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the host, sign if there is a reason to, and hand over the certificate."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        arguments = dict(self._task.args)
        stands_for = arguments.pop("stands_for", {})
        request = arguments["request"] = complete(arguments["request"])
        self.refuse(request, variables, stands_for)
        arguments["authority"] = "".join(map(self.vault, TRUSTED))
        answer = self.ask(arguments, variables)
        reason = answer.get("reason")
        if not reason or answer.get("failed") or self._task.check_mode:
            return answer
        arguments["certificate"] = self.signed(answer["csr"], request)
        answer = {**self.ask(arguments, variables), "reason": reason}
        answer["changed"] = True
        return answer

    def ask(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """What the module on the host says. What it was given is certificates and names only: nothing secret."""
        answer: dict[str, Any] = self._execute_module(
            module_name="certificate", module_args=arguments, task_vars=variables
        )
        answer.pop("invocation", None)
        return answer

    def refuse(
        self, request: dict[str, Any], variables: dict[str, Any], stands_for: dict[str, list[str]]
    ) -> None:
        """End here, with all reasons, where a host asks for what it may not have."""
        host, wanted = variables["inventory_hostname"], request_from(request)
        others = {name: neighbour(variables["hostvars"][name]) for name in variables["groups"]["all"]}
        problems = faults(wanted) + trespasses(host, wanted, others, stands_for)
        if problems:
            raise AnsibleActionFail(f"certificate {request['name']} of {host}: " + "; ".join(problems))

    def vault(self, entry: str) -> str:
        """What the vault holds under ``entry``; nothing if it has no such entry and need not have it."""
        found: list[str] = lookup_loader.get("secret", loader=self._loader, templar=self._templar).run(
            [f"vault:{entry}"], default=None if entry in TRUSTED[:1] else ""
        )
        return found[0]

    def signed(self, csr: str, request: dict[str, Any]) -> str:
        """The certificate for what the host has sent."""
        key, certificate = load(self.vault("authority_key"), self.vault("authority_certificate"))
        now = datetime.datetime.now(datetime.UTC)
        asked = x509.load_pem_x509_csr(csr.encode())
        try:
            return pem(issue(asked, request_from(request), Authority(certificate, key), now))
        except ValueError as error:
            raise AnsibleActionFail(f"certificate {request['name']}: {error}") from None


def complete(request: dict[str, Any]) -> dict[str, Any]:
    """A request with everything it may leave out."""
    units = request.get("reload") or []
    filled = {"owner": "root", "group": "root", "usage": "server", **request}
    return {**filled, "reload": [units] if isinstance(units, str) else units}


def neighbour(variables: dict[str, Any]) -> Neighbour:
    """A host of the inventory, as the signing decision looks at it."""
    addresses = [card["address"].split("/")[0] for card in variables["interfaces"]]
    role = next((g.removeprefix("role_") for g in variables["group_names"] if g.startswith("role_")), "")
    return Neighbour(role, variables["site"], frozenset([*addresses, variables["management"]["address"]]))
