#!/usr/bin/python3
"""Ansible module: write a host's files in one go. Why: docs/decisions/0041."""

from __future__ import annotations

import shlex
import tempfile
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: file_set
short_description: Write a set of files, remove what is no longer in it, and see that the units that use them run
description:
  - Brings many small files to the given content in one task, where a loop over C(template) would need two
    connections a file.
  - Nothing is written unless every changed file passes its own check.
options:
  files:
    description: The files. Missing folders are made, mode 0755.
    type: list
    elements: dict
    required: true
    suboptions:
      path: {description: Absolute path of the file., type: path, required: true}
      content: {description: What is in it., type: str}
      link: {description: Make it a symbolic link to this instead., type: path}
      owner: {description: Name of the owner., type: str, default: root}
      group: {description: Name of the group., type: str, default: root}
      mode: {description: Permissions., type: str, default: "0644"}
      validate: {description: "A command that fails on wrong content; %s is a copy to look at.", type: str}
  purge:
    description: Patterns (absolute globs). A file that matches one and is not in O(files) is removed.
    type: list
    elements: str
    default: []
  units:
    description:
      - Units (systemd) that are enabled and started once the files are there, where they are not yet. One that runs
        is left alone, whatever was written; to have it read a changed file is a handler's part. systemd itself reads
        changed files of units at once.
    type: list
    elements: str
    default: []
  pending:
    description:
      - Names what was written until the handlers have put it into effect; the last of them removes it.
      - What it names counts as changed; so a run killed between writing and applying is made good.
    type: path
    required: true
attributes:
  check_mode: {support: full, description: Says what would change.}
  diff_mode: {support: full, description: Shows it.}
"""

RETURN = r"""
changed_paths:
  description: Paths written or removed (or that would be), so that handlers can choose.
  type: list
  elements: str
  returned: success
started_units:
  description: Units that did not run and were started (or would be); these have read the files as they are now.
  type: list
  elements: str
  returned: success
"""

FILE_OPTIONS: dict[str, dict[str, Any]] = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str"},
    "link": {"type": "path"},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "root"},
    "mode": {"type": "str", "default": "0644"},
    "validate": {"type": "str"},
}


def current(path: Path) -> str | None:
    """What is at ``path`` now: its text, or where it points to. None if there is nothing."""
    if path.is_symlink():
        return f"-> {path.readlink()}"
    return path.read_text(errors="replace") if path.is_file() else None


def wanted(entry: dict[str, Any]) -> str:
    """What ought to be there, in the same form as ``current``."""
    return f"-> {entry['link']}" if entry["link"] else str(entry["content"])


def check(module: AnsibleModule, entry: dict[str, Any]) -> str | None:
    """What the file's own check says against its new content; None if nothing."""
    if not entry["validate"]:
        return None
    with tempfile.NamedTemporaryFile("w", dir=module.tmpdir, suffix=Path(entry["path"]).name) as copy:
        copy.write(entry["content"])
        copy.flush()
        code, out, err = module.run_command(shlex.split(entry["validate"].replace("%s", copy.name)))
    return f"{entry['path']}: {(err or out).strip()}" if code else None


def write(module: AnsibleModule, entry: dict[str, Any]) -> None:
    """Put the file in place atomically, never readable by more than its mode says."""
    path = Path(entry["path"])
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as new:
        new.write(entry["content"] or "")
    temporary = Path(new.name)
    if entry["link"]:
        temporary.unlink()
        temporary.symlink_to(entry["link"])
    else:
        set_attributes(module, entry, str(temporary))
    temporary.replace(path)


def set_attributes(module: AnsibleModule, entry: dict[str, Any], path: str) -> bool:
    """Owner, group and mode as given; in check mode only whether they differ."""
    attributes = {**{name: entry[name] for name in ("owner", "group", "mode")}, "path": path}
    arguments = {"secontext": [None, None, None], "attributes": None, **attributes}
    return bool(module.set_fs_attributes_if_different(arguments, False))


def difference(path: str, before: str | None, after: str | None) -> dict[str, str]:
    """A change as Ansible's --diff shows it."""
    return {
        "before_header": path,
        "after_header": path,
        "before": before or "",
        "after": after or "",
    }


def leftovers(patterns: list[str], kept: set[str]) -> list[Path]:
    """Files that match a pattern and are not to be kept."""
    return sorted(
        path
        for pattern in patterns
        for path in Path("/").glob(pattern.lstrip("/"))
        if path.is_file() and str(path) not in kept
    )


def read_pending(path: Path) -> list[str]:
    """Paths that an earlier run wrote and did not put into effect."""
    return path.read_text().split("\n") if path.is_file() else []


def settle_units(module: AnsibleModule, changed: list[str]) -> tuple[bool, list[str]]:
    """Enable and start the given units where need be: whether any was not as it should be, and which did not run."""
    units = module.params["units"]
    if not units:
        return False, []
    disabled, stopped = (ailing(module, question, units) for question in ("is-enabled", "is-active"))
    orders = []
    if any(path.startswith("/etc/systemd/system/") for path in changed):
        orders.append(["daemon-reload"])
    orders += [["enable", "--quiet", *disabled]] if disabled else []
    orders += [["start", *stopped]] if stopped else []
    for order in [] if module.check_mode else orders:
        code, out, err = module.run_command(["systemctl", *order])
        if code:
            module.fail_json(msg=f"systemctl {' '.join(order)}: {(err or out).strip()}")
    return bool(disabled or stopped), stopped


def ailing(module: AnsibleModule, question: str, units: list[str]) -> list[str]:
    """The units of which systemd does not say yes to ``question``. (Asked of several, it says yes for any one.)"""
    return [unit for unit in units if module.run_command(["systemctl", "--quiet", question, unit])[0]]


def apply(module: AnsibleModule, stale: list[dict[str, Any]], gone: list[Path], changed: list[str]) -> None:
    """Write and remove, after noting in the pending file what will have to be put into effect."""
    note = {"path": module.params["pending"], "content": "\n".join(changed), "link": None}
    write(module, {**note, "owner": "root", "group": "root", "mode": "0600"})
    for entry in stale:
        write(module, entry)
    for path in gone:
        path.unlink()


def main() -> None:
    """Compare, check, and then write."""
    module = AnsibleModule(
        argument_spec={
            "files": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": FILE_OPTIONS,
                "mutually_exclusive": [["content", "link"]],
                "required_one_of": [["content", "link"]],
            },
            "purge": {"type": "list", "elements": "str", "default": []},
            "units": {"type": "list", "elements": "str", "default": []},
            "pending": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    files = module.params["files"]
    stale = [entry for entry in files if current(Path(entry["path"])) != wanted(entry)]
    gone = leftovers(module.params["purge"], {entry["path"] for entry in files})
    complaints = [complaint for entry in stale if (complaint := check(module, entry))]
    if complaints:
        module.fail_json(msg="nothing was written: " + "; ".join(complaints))
    changes = [difference(e["path"], current(Path(e["path"])), wanted(e)) for e in stale]
    changes += [difference(str(path), current(path), None) for path in gone]
    rest = [entry for entry in files if entry not in stale and not entry["link"]]
    changed = [change["after_header"] for change in changes]
    changed += [entry["path"] for entry in rest if set_attributes(module, entry, entry["path"])]
    changed = sorted({*changed, *read_pending(Path(module.params["pending"]))})
    if changed and not module.check_mode:
        apply(module, stale, gone, changed)
    unsettled, started = settle_units(module, changed)
    module.exit_json(
        changed=bool(changed) or unsettled, changed_paths=changed, started_units=started, diff=changes
    )


if __name__ == "__main__":
    main()
