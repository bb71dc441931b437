"""Repeatable faults on the running lab, measured by rows that were acknowledged.

declare   what each drill may cost at most                 (inventory/drills.py, cloud.yaml)
write     a program in each city, numbered rows            (client.py, numbered.py, writers.py; terminals.py)
break     thin effects on the lab, noted before they act   (faults.py, note.py, drills/)
judge     acknowledgements against the rows found          (ledger.py, objectives.py)
tell      tables, measurements/*.json, runbooks            (report.py, measurement.py, runbooks.py)

The one story that all drills share is in story.py.
"""

from __future__ import annotations

from pathlib import Path


def client_file() -> Path:
    """The program that writes the rows; it is pushed to the cities' terminals as it is."""
    return Path(__file__).with_name("client.py")


def numbered_file() -> Path:
    """What all such programs do; it is pushed beside each."""
    return Path(__file__).with_name("numbered.py")
