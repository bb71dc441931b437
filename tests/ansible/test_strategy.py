"""The strategy that playbooks run with, on a playbook of one task for this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Ansible looks this up in the process that runs the task.
PLAYBOOK = """
- hosts: localhost
  connection: local
  tasks:
    - ansible.builtin.assert:
        that: lookup('pipe', 'grep Cpus_allowed_list /proc/self/status').split() == wanted
        fail_msg: "{{ lookup('pipe', 'grep Cpus_allowed_list /proc/self/status') }}, not {{ wanted }}"
      vars:
        wanted: WANTED
"""


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="with one processor there is nothing to choose")
def test_tasks_may_use_all_processors(tmp_path: Path) -> None:
    status = Path("/proc/self/status").read_text().splitlines()
    wanted = next(line.split() for line in status if line.startswith("Cpus_allowed_list"))
    playbook = tmp_path / "processors.yml"
    playbook.write_text(PLAYBOOK.replace("WANTED", str(wanted)))
    command = [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", playbook]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "localhost                  : ok=1" in run.stdout, run.stdout
