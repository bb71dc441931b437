"""`pulumi up`: the declared cloud, built on Incus.

The plan says what; the stack's configuration says on which daemons.
"""

from __future__ import annotations

from infra.cloud import build

build()
