#!/usr/bin/python3
"""Ansible module: bring the settings that a cluster's members share to what is declared. Why: docs/decisions/0063."""

from __future__ import annotations

import json
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: patroni_settings
short_description: Change Patroni's shared settings, only where they differ
description:
  - They lie in the consensus store; this works whether or not Patroni runs, as long as the store does.
  - Patroni's members take a change over within a loop, without a restart wherever PostgreSQL needs none.
options:
  settings:
    description: What they are to be. Mappings are merged; null removes a key; what is not named stays as it is.
    type: dict
    required: true
  replace:
    description: Keys of the first level that are taken as they are given, not merged.
    type: list
    elements: str
    default: []
attributes:
  check_mode: {support: full, description: Says what would change.}
  diff_mode: {support: full, description: Shows it.}
"""
RETURN = r"""
before: {description: The settings as they were., type: dict, returned: success}
"""

PATRONICTL = ["patronictl", "-c", "/etc/patroni/config.yml"]


def merged(now: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """``now`` with what ``wanted`` says: mappings merged, None removes."""
    result = dict(now)
    for key, value in wanted.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            inner = result.get(key)
            result[key] = merged(inner if isinstance(inner, dict) else {}, value)
        else:
            result[key] = value
    return result


def settled(now: dict[str, Any], wanted: dict[str, Any], replace: list[str]) -> dict[str, Any]:
    """What the settings become; ``replace`` names keys that are not merged."""
    return merged(
        {key: value for key, value in now.items() if key not in replace or key not in wanted}, wanted
    )


def shown(settings: dict[str, Any]) -> str:
    """For --diff."""
    return json.dumps(settings, indent=1, sort_keys=True) + "\n"


def read(module: AnsibleModule) -> dict[str, Any]:
    """The settings now. Ends the module where the store cannot be asked."""
    import yaml  # Patroni itself needs it, so it is there

    _, out, _ = module.run_command([*PATRONICTL, "show-config"], check_rc=True)
    settings: dict[str, Any] = yaml.safe_load(out) or {}
    return settings


def main() -> None:
    """Compare, and change what differs."""
    module = AnsibleModule(
        argument_spec={
            "settings": {"type": "dict", "required": True},
            "replace": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    before = read(module)
    after = settled(before, module.params["settings"], module.params["replace"])
    changed = before != after
    if changed and not module.check_mode:
        command = [*PATRONICTL, "edit-config", "--replace", "-", "--force"]
        module.run_command(command, data=json.dumps(after), check_rc=True)
    diff = {"before": shown(before), "after": shown(after)}
    module.exit_json(changed=changed, before=before, diff=diff)


if __name__ == "__main__":
    main()
