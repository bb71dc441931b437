"""Ansible strategy: as `linear`, with one Python process kept on each host for the whole run. Why: docs/decisions/0094.

mitogen is a package of the virtual environment; Ansible looks for strategies in folders only.
"""

from __future__ import annotations

import ansible_mitogen.loaders
import ansible_mitogen.strategy

Linear = ansible_mitogen.loaders.strategy_loader.get("linear", class_only=True)


class StrategyModule(ansible_mitogen.strategy.StrategyMixin, Linear):  # type: ignore[misc]
    """`linear`, over mitogen's connections."""
