"""``python3 -m omi_print.counts``: per city, batches and notices in each state, as JSON. For the operator."""

from __future__ import annotations

import json
import sys

from omi_print.ledger import Ledger
from omi_print.settings import from_environment
from omi_print.states import GATEWAY, State


def main() -> int:
    """Print them."""
    ledger = Ledger(from_environment().folder / "ledger.sqlite", GATEWAY)
    print(json.dumps({state: ledger.counts(state) for state in State}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
