"""``python3 -m omi_cs.schema``: bring the database to schema.sql, as its owner (PGUSER, PGPASSWORD).

Says ``changed``, or ``unchanged`` where the database notes that it has this very schema.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from .database import connect
from .settings import read


def ensure(text: str) -> str:
    """What was done."""
    settings = read(Path(os.environ["OMI_CS_SETTINGS"]))
    owner = {"user": os.environ["PGUSER"], "password": os.environ["PGPASSWORD"]}
    connection = connect(settings, **owner)
    connection.autocommit = True
    cursor = connection.cursor()
    digest = hashlib.sha256(text.encode()).hexdigest()
    cursor.execute("SELECT obj_description(to_regnamespace('cs'))")
    if cursor.fetchone() == (digest,):
        return "unchanged"
    cursor.execute(text)
    cursor.execute("COMMENT ON SCHEMA cs IS %s", [digest])
    return "changed"


if __name__ == "__main__":
    print(ensure(Path(__file__).with_name("schema.sql").read_text()))
