#!/usr/bin/python3
"""Ansible module: the cities' restic repositories, each with two keys: the store's own and the sender's."""

from __future__ import annotations

import hashlib
import os
import pwd
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: restic_repositories
short_description: Make restic repositories that two can open
description:
  - A repository is made with the key that only this host has; the sender's key is added to it.
  - What has been done is noted beside the records, by a hash of the keys, so that a second run opens nothing.
  - A key that has changed is added; the old one is kept until a person removes it.
  - Some are made at a time. A repository that fails stops none of the others; all failures are told together.
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


AT_ONCE = 3  # restic waits for the disk (256 new folders) and takes 60 MB to derive a key
Job = tuple[str, str, str]


class ResticError(Exception):
    """What restic said."""


class Restic:
    """restic, run as the repositories' owner, with passwords in files that last as long as the module."""

    def __init__(self, user: str, folder: Path) -> None:
        self.folder = folder
        entry = pwd.getpwnam(user)
        self.identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        folder.chmod(0o711)
        self.owner = (entry.pw_uid, entry.pw_gid)

    def password(self, name: str, word: str) -> str:
        """A file with ``word`` in it that only the owner can read."""
        path = self.folder / name
        path.touch(mode=0o600)
        os.chown(path, *self.owner)
        path.write_text(word)
        return str(path)

    def run(self, repository: Path, password: str, *words: str) -> None:
        """Run. Raises ResticError with what restic says."""
        command = ["restic", "--no-cache", "-r", str(repository), "--password-file", password, *words]
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/"}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", env=environment, **self.identity
        )
        if done.returncode:
            raise ResticError(f"restic {words[0]}: {done.stderr.strip()[-500:]}")

    def make(self, repository: Path, own: str, sender: str) -> None:
        """Make the repository if there is none, and add the sender's key."""
        mine = self.password(f"{repository.name}-own", own)
        theirs = self.password(f"{repository.name}-sender", sender)
        if not (repository / "config").exists():
            self.run(repository, mine, "init")
        self.run(repository, mine, "key", "add", "--new-password-file", theirs)


def digest_of(own: str, sender: str) -> str:
    """By which it is known that a repository has these two keys."""
    return hashlib.sha256(f"{own}\n{sender}".encode()).hexdigest()


def missing(jobs: list[Job], repositories: Path, notes: Path) -> list[Job]:
    """The cities whose repository is not there, or of which no note says that it has these keys."""

    def is_made(city: str, own: str, sender: str) -> bool:
        note = notes / f"keys-{city}"
        there = (repositories / city / "config").exists() and note.exists()
        return there and note.read_text() == digest_of(own, sender)

    return [job for job in jobs if not is_made(*job)]


def make_all(restic: Restic, jobs: list[Job], repositories: Path, notes: Path) -> list[str]:
    """Make some at a time and note each that is done. Returns what went wrong, a line for each city."""

    def attempt(job: Job) -> str | None:
        city, own, sender = job
        try:
            restic.make(repositories / city, own, sender)
        except ResticError as error:
            return f"{city}: {error}"
        note = notes / f"keys-{city}"
        note.write_text(digest_of(own, sender))
        note.chmod(0o600)
        return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [wrong for wrong in pool.map(attempt, jobs) if wrong]


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
    given = module.params
    repositories, notes = Path(given["repositories"]), Path(given["notes"])
    jobs = missing(
        list(zip(given["cities"], given["own"], given["senders"], strict=True)), repositories, notes
    )
    if jobs and not module.check_mode:
        with tempfile.TemporaryDirectory() as folder:
            wrong = make_all(Restic(given["user"], Path(folder)), jobs, repositories, notes)
        if wrong:
            module.fail_json(msg="\n".join(wrong))
    module.exit_json(changed=bool(jobs), done=[city for city, _, _ in jobs])


if __name__ == "__main__":
    main()
