"""Ansible's own order of tasks (`linear`), with one Python kept running on each host. Why: docs/decisions/0094."""

from ansible_mitogen.plugins.strategy.mitogen_linear import StrategyModule

__all__ = ["StrategyModule"]
