"""The declaration's fingerprint: what a verdict is keyed by, and what tells a stale one from a good one."""

from __future__ import annotations

import hashlib
import json

from inventory.model import Cloud


def digest(cloud: Cloud) -> str:
    """SHA-256 (hex) of the declaration's meaning: layout and comments of the files do not count."""
    canonical = json.dumps(
        cloud.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()
