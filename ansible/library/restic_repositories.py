#!/usr/bin/python3
"""Ansible module: the cities' restic repositories, each with two keys: the store's own and the sender's."""

from __future__ import annotations

import hashlib
import pwd
import subprocess
import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: restic_repositories
short_description: Make restic repositories that two can open
description:
  - A repository is made with the key that only this host has; the sender's key is added to it.
  - What has been done is noted beside the records, by a hash of the keys, so that a second run opens nothing.
  - A key that has changed is added; the old one is kept until a person removes it.
options:
  repositories: {description: Folder of the repositories., type: path, required: true}
  notes: {description: Folder for the notes., type: path, required: true}
  user: {description: Whom the repositories belong to., type: str, required: true}
  cities: {description: A repository each., type: list, elements: str, required: true}
  own: {description: "This host's passwords, in the same order.", type: list, elements: str, required: true}
  senders: {description: "The sender's passwords, in the same order.", type: list, elements: str, required: true}
attributes:
  check_mode: {support: full, description: Says what would be made.}
"""
RETURN = r"""
done: {description: Cities whose repository was made or got a key., type: list, elements: str, returned: success}
"""


class Restic:
    """restic, run as the repositories' owner, with passwords in files that last as long as the module."""

    def __init__(self, module: AnsibleModule, folder: Path) -> None:
        self.module, self.folder = module, folder
        entry = pwd.getpwnam(module.params["user"])
        self.identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        folder.chmod(0o711)
        self.owner = (entry.pw_uid, entry.pw_gid)

    def password(self, name: str, word: str) -> str:
        """A file with ``word`` in it that only the owner can read."""
        import os

        path = self.folder / name
        path.touch(mode=0o600)
        os.chown(path, *self.owner)
        path.write_text(word)
        return str(path)

    def run(self, repository: Path, password: str, *words: str) -> None:
        """Run, or fail with what restic says."""
        command = ["restic", "--no-cache", "-r", str(repository), "--password-file", password, *words]
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/"}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", env=environment, **self.identity
        )
        if done.returncode:
            self.module.fail_json(msg=f"restic {words[0]}: {done.stderr.strip()[-500:]}")


def main() -> None:
    """Make what is missing."""
    words = {"type": "list", "elements": "str", "required": True}
    module = AnsibleModule(
        argument_spec={
            "repositories": {"type": "path", "required": True},
            "notes": {"type": "path", "required": True},
            "user": {"type": "str", "required": True},
            "cities": words,
            "own": {**words, "no_log": True},
            "senders": {**words, "no_log": True},
        },
        supports_check_mode=True,
    )
    given, done = module.params, []
    notes = Path(given["notes"])
    with tempfile.TemporaryDirectory() as folder:
        restic = Restic(module, Path(folder))
        for city, own, sender in zip(given["cities"], given["own"], given["senders"], strict=True):
            note = notes / f"keys-{city}"
            digest = hashlib.sha256(f"{own}\n{sender}".encode()).hexdigest()
            repository = Path(given["repositories"]) / city
            if (repository / "config").exists() and note.exists() and note.read_text() == digest:
                continue
            done.append(city)
            if module.check_mode:
                continue
            mine, theirs = restic.password("own", own), restic.password("sender", sender)
            if not (repository / "config").exists():
                restic.run(repository, mine, "init")
            restic.run(repository, mine, "key", "add", "--new-password-file", theirs)
            note.write_text(digest)
            note.chmod(0o600)
    module.exit_json(changed=bool(done), done=done)


if __name__ == "__main__":
    main()
